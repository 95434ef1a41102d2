/** Tables that scroll sideways under a first column that stays. */
import { html, useMemo, useState } from './core.js';
import { EmptyState } from './parts.js';

/**
 * @param {object} props
 * @param {{key: string, label: string, render?: (row: any) => any, align?: 'end', sort?: (row: any) => any,
 *     hidden?: boolean}[]} props.columns the first one names the row and stays in sight; `sort` makes a column sortable by
 *     what it returns; `hidden` hides its label from sight, as for actions
 * @param {any[]|null} props.rows null while they are not there yet
 * @param {string} props.caption says what is listed, for those who do not see the heading
 * @param {(row: any) => string} [props.rowKey]
 * @param {any} [props.empty] what stands there without rows; a text or an EmptyState
 * @param {any} [props.more] what follows the rows, such as a Pager
 * @param {(row: any) => string} [props.rowClass]
 */
export function Table({ columns, rows, caption, rowKey = (row) => row.id, empty = 'Nothing to show.', more, rowClass }) {
  const [order, setOrder] = useState({ key: null, down: false });
  const sorted = useMemo(() => {
    const by = columns.find((column) => column.key === order.key);
    if (!rows || !by) {
      return rows;
    }
    const direction = order.down ? -1 : 1;
    return [...rows].sort((left, right) => compare(by.sort(left), by.sort(right)) * direction);
  }, [rows, order.key, order.down, columns]);
  const next = (column) => setOrder(order.key !== column.key
    ? { key: column.key, down: false }
    : { key: order.down ? null : column.key, down: !order.down });

  if (rows && rows.length === 0) {
    return html`${typeof empty === 'string' ? html`<${EmptyState} title=${empty} />` : empty}${more}`;
  }
  return html`
    <div class="table-frame" role="region" aria-label=${caption} tabindex="0">
      <table aria-busy=${String(rows === null)}>
        <caption class="visually-hidden">${caption}</caption>
        <thead><tr>${columns.map((column) => html`
          <th key=${column.key} scope="col" class=${column.align === 'end' ? 'end' : null} aria-sort=${sortOf(column, order)}>
            ${column.sort
              ? html`<button type="button" class="sort" onClick=${() => next(column)}>${column.label}
                  <span aria-hidden="true">${order.key !== column.key ? '' : order.down ? ' ↓' : ' ↑'}</span></button>`
              : html`<span class=${column.hidden ? 'visually-hidden' : null}>${column.label}</span>`}
          </th>`)}</tr></thead>
        <tbody>${rows === null
          ? Array.from({ length: 5 }, (_, i) => html`
              <tr key=${i} class="ghost">${columns.map((column) => html`<td key=${column.key}><span></span></td>`)}</tr>`)
          : sorted.map((row, i) => html`
              <tr key=${rowKey(row) ?? i} class=${rowClass ? rowClass(row) : null}>${columns.map((column, at) => cell(column, row, at))}</tr>`)}
        </tbody>
      </table>
    </div>
    ${more}`;
}

function cell(column, row, at) {
  const content = column.render ? column.render(row) : row[column.key];
  const shown = content === null || content === undefined || content === '' ? html`<span class="muted">–</span>` : content;
  const look = column.align === 'end' ? 'end' : null;
  return at === 0
    ? html`<th key=${column.key} scope="row" class=${look}>${shown}</th>`
    : html`<td key=${column.key} class=${look}>${shown}</td>`;
}

function sortOf(column, order) {
  if (!column.sort) {
    return null;
  }
  return order.key !== column.key ? 'none' : order.down ? 'descending' : 'ascending';
}

function compare(left, right) {
  if (left === right) {
    return 0;
  }
  if (left === null || left === undefined) {
    return -1;
  }
  if (right === null || right === undefined) {
    return 1;
  }
  return typeof left === 'string' ? left.localeCompare(String(right), 'en', { numeric: true }) : left < right ? -1 : 1;
}

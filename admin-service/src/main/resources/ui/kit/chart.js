/** Charts over time, drawn by uPlot, with the same figures as a table for those who cannot see or would rather read. */
import UPlot from '../vendor/uplot.js';
import { html, useEffect, useRef, useState } from './core.js';
import { EmptyState } from './parts.js';
import { bytes, count, duration, money, percent } from './text.js';

const COLOURS = 8;
const TABLE_ROWS_MAX = 200;

/** How values of a unit read: usd, ms, bytes, share, or a plain number with the unit's name behind it. */
const FORMATS = { usd: money, ms: duration, bytes, share: percent };

function formatOf(unit) {
  return FORMATS[unit] ?? ((value) => count(value));
}

/**
 * @param {object} props
 * @param {{key: string, label: string, points: [number, number][]}[]} props.series points of seconds since 1970 and a value,
 *     null for a gap
 * @param {'line'|'area'|'bar'} [props.kind]
 * @param {string} [props.unit] usd, ms, bytes, share, or a word such as requests
 * @param {string} props.title names the chart for those who do not see it
 * @param {number} [props.height] in pixels
 */
export function Chart({ series, kind = 'line', unit = '', title, height = 220 }) {
  const frame = useRef(null);
  const plot = useRef(null);
  const [theme, setTheme] = useState(0);
  const format = formatOf(unit);
  const shown = (series ?? []).filter((one) => one.points.length > 0);
  const shape = `${kind}|${unit}|${height}|${theme}|${shown.map((one) => one.label ?? one.key).join('|')}`;

  useEffect(() => {
    const again = () => setTheme((before) => before + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', again);
    document.addEventListener('latticegate:theme', again);
    return () => {
      system.removeEventListener('change', again);
      document.removeEventListener('latticegate:theme', again);
    };
  }, []);

  useEffect(() => {
    if (shown.length === 0) {
      return undefined;
    }
    plot.current = new UPlot(options(frame.current, shown, kind, format, height), aligned(shown), frame.current);
    const resize = new ResizeObserver(() => {
      const width = frame.current?.clientWidth ?? 0;
      if (width > 0 && plot.current) {
        plot.current.setSize({ width, height });
      }
    });
    resize.observe(frame.current);
    return () => {
      resize.disconnect();
      plot.current.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(aligned(shown));
  }, [series]);

  if (series && shown.length === 0) {
    return html`<div class="chart-none" style=${{ minHeight: `${height}px` }}>
      <${EmptyState} title="No data in this time">Choose a longer time, or wait for requests.<//></div>`;
  }
  return html`
    <figure class="chart">
      <figcaption class="visually-hidden">${title}</figcaption>
      <div ref=${frame} class="plot" style=${{ minHeight: `${height}px` }} aria-hidden="true"></div>
      ${shown.length > 0 && html`
        <ul class="legend" aria-hidden="true">${shown.map((one, i) => html`
          <li key=${one.key}><span class=${`swatch c${(i % COLOURS) + 1}`}></span>${one.label ?? one.key}</li>`)}</ul>
        <details class="chart-table"><summary>Figures as a table</summary>
          <div class="table-frame" role="region" tabindex="0" aria-label=${`${title}: figures`}>
            <${Figures} series=${shown} format=${format} title=${title} /></div></details>`}
    </figure>`;
}

function Figures({ series, format, title }) {
  const [times, ...values] = aligned(series);
  const from = Math.max(0, times.length - TABLE_ROWS_MAX);
  return html`
    <table>
      <caption>${title}${from > 0 ? ` (the last ${TABLE_ROWS_MAX} of ${times.length} points)` : ''}</caption>
      <thead><tr><th scope="col">Time</th>${series.map((one) => html`
        <th scope="col" class="end" key=${one.key}>${one.label ?? one.key}</th>`)}</tr></thead>
      <tbody>${times.slice(from).map((time, i) => html`
        <tr key=${time}><th scope="row">${new Date(time * 1000).toLocaleString('en-GB')}</th>
          ${values.map((column, at) => html`<td key=${series[at].key} class="end">${format(column[from + i])}</td>`)}</tr>`)}
      </tbody>
    </table>`;
}

/** One column of times and one of values for each series, null where a series has no point. */
function aligned(series) {
  const times = [...new Set(series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => a - b);
  return [times, ...series.map((one) => {
    const values = new Map(one.points);
    return times.map((time) => values.get(time) ?? null);
  })];
}

// One point alone would otherwise stand at the left of an axis of years.
const HALF_HOUR = 1800;
const aroundOnePoint = (plot, from, to) => (plot.data[0].length === 1 ? [from - HALF_HOUR, from + HALF_HOUR] : [from, to]);

function options(element, series, kind, format, height) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const bars = kind === 'bar' ? UPlot.paths.bars({ size: [0.7, 48], gap: 1 }) : undefined;
  return {
    width: element.clientWidth || 600,
    height,
    legend: { show: false },
    padding: [10, 8, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: true, range: aroundOnePoint }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
    axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => format(tick)) }],
    series: [{}, ...series.map((one, i) => {
      const stroke = colour(`--chart-${(i % COLOURS) + 1}`);
      return {
        label: one.label ?? one.key,
        stroke,
        width: kind === 'bar' ? 0 : 1.75,
        fill: kind === 'bar' ? stroke : kind === 'area' ? `${stroke}22` : undefined,
        paths: bars,
        points: { show: one.points.length < 2 },
        spanGaps: false,
      };
    })],
  };
}

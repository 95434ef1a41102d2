/** A conversation with a model through the gateway, as a client has it, with a token of a project. */
import { Button, Card, count, duration, ErrorBox, Field, html, link, Page, route, useApi, useEffect, useForm, useRef, useState } from '../kit.js';
import { chat } from '../chat.js';

const INITIAL = { token: '', model: '', system: '', message: '', temperature: '', max_tokens: '' };

const numberIn = (text) => (text.trim() === '' ? undefined : Number(text));

/** The body of the call; what was left empty is left to the provider. */
const bodyOf = ({ model, system, temperature, max_tokens }, turns) => ({
  model: model.trim(),
  messages: [...(system.trim() ? [{ role: 'system', content: system }] : []), ...turns.map(({ role, content }) => ({ role, content }))],
  temperature: numberIn(temperature),
  max_tokens: numberIn(max_tokens),
});

function Measures({ of: { firstMs, totalMs, usage, finish, requestId } }) {
  return html`<p class="muted small-text">
    ${firstMs !== null && html`first text after ${duration(firstMs)}, `}all after ${duration(totalMs)}
    ${usage && html`, ${count(usage.prompt_tokens)} tokens in, ${count(usage.completion_tokens)} out`}
    ${finish && finish !== 'stop' && html`, ended by ${finish}`}
    ${requestId && html`, <a href=${link`/admin/requests/${requestId}`}>the request</a>`}</p>`;
}

const Turn = ({ turn: { role, content, measures }, busy }) => html`<li class=${`turn ${role}`}>
  <p class="turn-role">${role === 'user' ? 'You' : 'Model'}</p>
  <div class="turn-text" aria-busy=${String(Boolean(busy))}>${content || (busy ? '…' : 'No text.')}</div>
  ${measures && html`<${Measures} of=${measures} />`}
</li>`;

/** The conversation, and what drives it. A question that failed goes back into the field from which it came. */
function useConversation(form) {
  const [state, setState] = useState({ turns: [], asking: false, error: null });
  const running = useRef(null);
  useEffect(() => () => running.current?.abort(), []);
  const ask = async () => {
    const { message, token } = form.values;
    const question = { role: 'user', content: message };
    const before = state.turns;
    const control = new AbortController();
    running.current = control;
    let answer = { role: 'assistant', content: '' };
    const show = (rest) => setState({ turns: [...before, question, answer], asking: true, error: null, ...rest });
    show({});
    form.set('message', '');
    try {
      const measures = await chat({
        token: token.trim(), body: bodyOf(form.values, [...before, question]), signal: control.signal,
        onText: (text) => {
          answer = { ...answer, content: answer.content + text };
          show({});
        },
      });
      answer = { ...answer, measures };
      show({ asking: false });
    } catch (fault) {
      if (fault.name === 'AbortError') show({ asking: false });
      else {
        setState({ turns: answer.content ? [...before, question, answer] : before, asking: false, error: fault });
        if (!answer.content) form.set('message', message);
      }
    }
  };
  return {
    ...state,
    ask,
    stop: () => running.current?.abort(),
    forget: () => setState({ turns: [], asking: false, error: null }),
  };
}

function Settings({ form, models }) {
  return html`<${Card} title="Call">
    <div class="form">
      <${Field} label="Token of a project" type="password" required autocomplete="off" spellcheck=${false} ...${form.field('token')}
        hint="Begins with sk-. Kept in this page's memory only, until you leave it." />
      <${Field} label="Model" required list="playground-models" spellcheck=${false} ...${form.field('model')} />
      <datalist id="playground-models">${models.map(({ name }) => html`<option key=${name} value=${name}></option>`)}</datalist>
      <${Field} label="System prompt" type="textarea" rows="3" ...${form.field('system')} />
      <div class="form-pair">
        <${Field} label="Temperature" type="number" min="0" max="2" step="0.1" ...${form.field('temperature')} />
        <${Field} label="Most tokens" type="number" min="1" step="1" ...${form.field('max_tokens')} />
      </div>
    </div>
  <//>`;
}

/** A listener for management alone has no API, and the page's policy lets it ask no other. */
const NoApiHere = () => html`<p class="muted">Is this a port for management alone? It serves no API, and this page may ask no other
  address. A process of all services on one machine serves both with <code>management.admin_ui.data_port: loopback</code>, as
  ${' '}<code>./latticegate up</code> does.</p>`;

function Playground() {
  const form = useForm(INITIAL);
  const models = useApi('/manage/models');
  const { turns, asking, error, ask, stop, forget } = useConversation(form);
  const { token, model, message } = form.values;
  const ready = token.trim() !== '' && model.trim() !== '' && message.trim() !== '' && !asking;
  const send = (event) => {
    event.preventDefault();
    if (ready) ask();
  };
  const keys = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
  };
  return html`<${Page} title="Playground" lead="Asks a model as a client does: the request is paid for, limited, logged and audited like any other."
      actions=${turns.length > 0 && html`<${Button} onClick=${forget} disabled=${asking}>New conversation<//>`}>
    <div class="playground">
      <${Settings} form=${form} models=${models.data?.models ?? []} />
      <${Card} title="Conversation">
        <div role="log" aria-label="Conversation"><ol class="turns">${turns.map((turn, at) => html`<${Turn} key=${at} turn=${turn}
          busy=${asking && at === turns.length - 1} />`)}</ol></div>
        <${ErrorBox} error=${error} />
        ${error?.status === 404 && html`<${NoApiHere} />`}
        <form class="form" onSubmit=${send} onKeyDown=${keys} autocomplete="off">
          <${Field} label="Message" type="textarea" rows="4" ...${form.field('message')} hint="Ctrl and Enter send." />
          <div class="form-actions">
            <${Button} type="submit" tone="primary" disabled=${!ready} busy=${asking}>Send<//>
            ${asking && html`<${Button} onClick=${stop}>Stop<//>`}
          </div>
        </form>
      <//>
    </div>
  <//>`;
}

route('/admin/playground', Playground, { title: 'Playground', nav: { group: 'Traffic', order: 2 } });

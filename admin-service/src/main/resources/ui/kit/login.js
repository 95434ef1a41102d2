/** The sign-in page, which stands for every page as long as nobody is signed in. */
import { html, useEffect, useRef, useState } from './core.js';
import { api } from './api.js';
import { Field, Form } from './form.js';
import { ErrorBox } from './parts.js';

const REASONS = {
  denied: 'The identity provider did not sign you in.',
  role: 'Your identity is known, but no role of this gateway is mapped to it. An administrator can change that.',
  unavailable: 'The identity provider does not answer. Try again, or sign in with a token.',
};

export function Login({ onSignedIn }) {
  const [token, setToken] = useState('');
  const [offers, setOffers] = useState({ oidc: false });
  const frame = useRef(null);
  const reason = new URLSearchParams(window.location.search).get('login');

  useEffect(() => {
    document.title = 'Sign in · Latticegate';
    frame.current.querySelector('input')?.focus();
    // Without this answer the token field stands alone, which always works.
    api('GET', '/admin/api/login').then(setOffers, () => {});
  }, []);

  const signIn = async () => {
    await api('POST', '/admin/api/session', { token: token.trim() });
    setToken('');
    await onSignedIn();
  };

  return html`
    <main class="alone login" ref=${frame}>
      <div class="login-brand"><img src="/admin/assets/icon.svg" alt="" width="40" height="40" /><h1>Latticegate</h1></div>
      ${REASONS[reason] && html`<${ErrorBox} error=${{ error: REASONS[reason] }} />`}
      ${offers.oidc && html`
        <a class="button primary" href="/admin/oidc/login">Sign in with your organisation</a>
        <p class="or"><span>or</span></p>`}
      <${Form} onSubmit=${signIn} submit="Sign in" disabled=${token.trim() === ''}>
        <${Field} label="Management token" name="token" type="password" value=${token} onInput=${setToken} required
          autocomplete="off" spellcheck=${false}
          hint="The management token, or the token of a principal (lgm_…). With ./latticegate up it lies in data/management-token." />
      <//>
    </main>`;
}

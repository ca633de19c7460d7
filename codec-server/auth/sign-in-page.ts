import { createHash } from 'node:crypto';

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { margin: 0; display: grid; place-items: center; min-height: 100vh; }
  main { width: min(26rem, 100% - 3rem); }
  h1 { font-size: 1.4rem; }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
  input, button { padding: 0.6rem; margin-block: 0.4rem 0.8rem; border: 1px solid; border-radius: 0.3rem; }
  button { cursor: pointer; }
  :focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
  [role='status'] { min-height: 3em; }
`;

// Relative addresses, so that the page works behind a proxy that serves it under a path.
const SCRIPT = `
  const form = document.querySelector('form');
  const field = document.querySelector('input');
  const status = document.querySelector('[role=status]');
  const leave = document.querySelector('button[type=button]');
  const say = (text) => { status.textContent = text; };

  const call = async (path, body) => {
    try {
      return await fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    } catch {
      return undefined;
    }
  };

  const takeFromAddress = () => {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token === null) return;
    history.replaceState(null, '', location.pathname);
    field.value = token;
    say('The token is filled in from the link. Sign in to use it.');
  };

  const FAILED = {
    401: 'This token is not valid or has been revoked. Ask an operator for a new one.',
    403: 'This token is valid but has no role for payloads. Ask an operator for a role.',
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say('Signing in…');
    const response = await call('sign-in', { token: field.value.trim() });
    if (response === undefined) return say('The server does not answer. Try again.');
    if (!response.ok) {
      field.focus();
      return say(FAILED[response.status] ?? 'Signing in failed (' + response.status + '). Try again.');
    }
    const { name, role } = await response.json();
    field.value = '';
    const endpoint = location.href.replace(/\\/sign-in.*/, '');
    say('Signed in as ' + name + ' (' + role + '). In the Temporal UI, open the data encoder settings (the glasses at the top), enter '
      + 'the endpoint ' + endpoint + ' and switch on cross-origin credentials.');
  });

  leave.addEventListener('click', async () => {
    const response = await call('sign-out', {});
    say(response?.ok ? 'Signed out.' : 'Signing out failed. Try again.');
  });

  window.addEventListener('hashchange', takeFromAddress);
  takeFromAddress();
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The content security policy of the page: only its own script and style, only requests to this server, and no framing.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)}`,
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to decode payloads</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Sign in to decode payloads</h1>
<p>After you sign in here, the Temporal UI shows the payloads of onboardings. You stay signed in for 12 hours, or until your token expires or is revoked.</p>
<form>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" spellcheck="false" required autofocus>
<button type="submit">Sign in</button>
<button type="button">Sign out</button>
</form>
<p role="status"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;

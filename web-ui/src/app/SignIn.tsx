/** Exchanges the token for an HttpOnly cookie: an event stream carries no header, and no script can read the cookie. */
import { Button, PasswordInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, ApiError } from '../api/client';
import type { Session } from '../api/shapes';
import { Logo } from './Logo';

export function SignIn() {
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const session = await api.post<Session>('/session', { token: token.trim() });
      client.setQueryData(['session'], session);
    } catch (problem) {
      setError(
        problem instanceof ApiError && problem.status === 401
          ? 'This token is not known here, or it has expired. Look at the whole line of the token file.'
          : problem instanceof Error
            ? problem.message
            : String(problem),
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="alone">
      <form className="sign-in" onSubmit={(event) => void submit(event)}>
        <Logo />
        <p>Every TLS endpoint you answer for: what it accepts, what it serves, what changed, what to do.</p>
        <PasswordInput
          label="Token"
          description="tlsfleet up wrote the first one to admin-token in its data directory, and printed where that is."
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={error}
          autoFocus
          required
        />
        <Button type="submit" loading={busy} disabled={token.trim() === ''} size="sm" fullWidth>
          Sign in
        </Button>
        <pre className="hint">cat DATA_DIR/admin-token</pre>
      </form>
    </main>
  );
}

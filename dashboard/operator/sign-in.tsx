import { type FormEvent, useId, useState } from 'react'
import './sign-in.css'

/** Asks for the operator's token; `refused` says why the one that was given does not do. */
export function SignIn({ refused, onSignIn }: { refused: string | undefined; onSignIn(token: string): void }) {
  const [token, setToken] = useState('')
  const id = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const given = token.trim()
    if (given !== '') onSignIn(given)
  }
  return (
    <form id="sign-in" onSubmit={submit}>
      <h2>Operator</h2>
      <label htmlFor={id}>Operator's token</label>
      <div className="entry">
        <input
          id={id}
          type="password"
          autoComplete="off"
          required
          value={token}
          aria-describedby={`${id}-where`}
          aria-invalid={refused !== undefined}
          onChange={(event) => setToken(event.target.value)}
        />
        <button type="submit">Sign in</button>
      </div>
      {refused !== undefined && (
        <p className="refused" role="alert">
          Not accepted: {refused}
        </p>
      )}
      <p id={`${id}-where`} className="quiet small">
        It lies in the data folder, in <code>secrets/operator-token</code>, and stays in this tab until you sign out or
        close it.
      </p>
    </form>
  )
}

import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Config } from "../api/config";
import { CommandForm } from "../parts/CommandForm";
import { Choice, Typed } from "../parts/Field";
import { Card } from "../parts/shown";
import { words } from "../words";
import type { Session } from "./session";
import { confirmSignUp, type OwnRole, signUp } from "./signUp";

interface WelcomeProps {
  config: Config;
  session: Session;
}

/** For those who are not signed in: what this is, and the two ways in. */
export function Welcome({ config, session }: WelcomeProps) {
  const [signingUp, setSigningUp] = useState(false);
  const [farewell, setFarewell] = useState<string | null>(null);
  useEffect(() => {
    const said = session.takeFarewell();
    if (said) setFarewell(said);
  }, [session]);
  const signIn = () => session.signIn(location.pathname + location.search);
  return (
    <main className="welcome" id="main">
      <h1>{words.welcome.title}</h1>
      <p className="lead">{words.welcome.lead}</p>
      {session.expired && (
        <p className="notice warn" role="alert">
          {words.session.expired}
        </p>
      )}
      {farewell && (
        <p className="notice" role="status">
          {farewell}
        </p>
      )}
      <div className="actions">
        <button type="button" className="button primary" onClick={signIn}>
          {words.welcome.signIn}
        </button>
        <button type="button" className="button" aria-expanded={signingUp} onClick={() => setSigningUp(!signingUp)}>
          {words.welcome.signUp}
        </button>
      </div>
      {signingUp && <SignUp config={config} onDone={signIn} />}
      <ul className="promises">
        {words.welcome.promises.map(([title, text]) => (
          <li key={title}>
            <strong>{title}</strong>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}

function SignUp({ config, onDone }: { config: Config; onDone: () => void }) {
  const [said, setSaid] = useState({ email: "", password: "", role: "student" as OwnRole });
  const [sent, setSent] = useState(false);
  const register = useMutation({
    mutationFn: (_: undefined) => signUp(config, said.email, said.password, said.role),
    onSuccess: () => setSent(true),
  });
  if (sent) return <Confirm config={config} email={said.email} onDone={onDone} />;
  return (
    <Card title={words.welcome.signUp}>
      <CommandForm command={register} body={() => undefined} send={words.welcome.signUp}>
        <Choice
          name="role"
          label={words.welcome.iAm}
          value={said.role}
          onChange={(role) => setSaid({ ...said, role: role as OwnRole })}
          options={(["student", "employer"] as const).map((value) => ({ value, label: words.roles[value] }))}
        />
        <Typed
          name="email"
          type="email"
          label={words.welcome.email}
          value={said.email}
          autoComplete="username"
          onChange={(email) => setSaid({ ...said, email })}
          required
        />
        <Typed
          name="password"
          type="password"
          label={words.welcome.password}
          hint={words.welcome.passwordHint}
          value={said.password}
          autoComplete="new-password"
          onChange={(password) => setSaid({ ...said, password })}
          required
        />
      </CommandForm>
    </Card>
  );
}

function Confirm({ config, email, onDone }: { config: Config; email: string; onDone: () => void }) {
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: (_: undefined) => confirmSignUp(config, email, code.trim()),
    onSuccess: onDone,
  });
  return (
    <Card title={words.welcome.confirm}>
      <CommandForm command={confirm} body={() => undefined} send={words.welcome.confirm}>
        <p>{words.welcome.codeSent(email)}</p>
        <Typed
          name="code"
          label={words.welcome.code}
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          required
        />
      </CommandForm>
    </Card>
  );
}

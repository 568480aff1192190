import { useEffect, useState } from "react";
import { words } from "../words";
import type { Session } from "./session";

/** Where Cognito sends people back to, with a code. */
export function SignedIn({ session, onArrived }: { session: Session; onArrived: (path: string) => void }) {
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let ignored = false;
    session.arrive(new URLSearchParams(location.search)).then(
      (path) => !ignored && (path === null ? setFailed(true) : onArrived(path)),
      () => setFailed(true),
    );
    return () => {
      ignored = true;
    };
  }, [session, onArrived]);
  if (!failed) return <p className="loading">{words.session.arriving}</p>;
  return (
    <main className="welcome" id="main">
      <h1>{words.session.failed}</h1>
      <p>{words.session.failedMore}</p>
      <button type="button" className="button primary" onClick={() => session.signIn("/")}>
        {words.welcome.signIn}
      </button>
    </main>
  );
}

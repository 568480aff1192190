import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Me } from "./api/me";
import { useOnline } from "./parts/online";
import { Places } from "./parts/Places";
import type { Session } from "./session/session";
import { words } from "./words";

const NAV: Record<string, readonly (readonly [string, string])[]> = {
  employer: [
    ["/", words.nav.home],
    ["/post", words.nav.post],
    ["/talent", words.nav.talent],
    ["/earnings", words.nav.statements],
    ["/reports", words.nav.reports],
    ["/organisation", words.nav.organisation],
  ],
  student: [
    ["/", words.nav.home],
    ["/find", words.nav.find],
    ["/offers", words.nav.offers],
    ["/earnings", words.nav.earnings],
    ["/credentials", words.nav.credentials],
    ["/portfolio", words.nav.portfolio],
    ["/my-cohorts", words.nav.cohorts],
  ],
  operator: [
    ["/", words.nav.home],
    ["/operate/approvals", words.operate.approvals],
    ["/operate/disputes", words.operate.disputes],
    ["/operate/money", words.nav.money],
    ["/operate/trail", words.operate.trail],
    ["/operate/accounts", words.accounts.title],
    ["/reports", words.nav.reports],
  ],
  educator: [
    ["/", words.nav.home],
    ["/cohorts", words.nav.cohorts],
    ["/organisation", words.nav.institution],
    ["/find", words.nav.find],
  ],
};

interface ShellProps {
  me: Me;
  session: Session;
  children: ReactNode;
}

/** What is around every page: where one can go, who one is, and whether there is a network. */
export function Shell({ me, session, children }: ShellProps) {
  const online = useOnline();
  return (
    <>
      <a className="skip" href="#main">
        {words.common.skip}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          {words.common.name}
        </Link>
        <Places label={words.nav.label} of={NAV[me.role] ?? []} />
        <span className="who-am-i">
          <Link href="/me">{me.profile?.name ?? words.roles[me.role]}</Link>
          <button type="button" className="button quiet" onClick={() => session.signOut()}>
            {words.session.signOut}
          </button>
        </span>
      </header>
      {!online && (
        <p className="notice warn banner" role="status">
          {words.problems.offline}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

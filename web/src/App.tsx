import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { Route, Switch, useLocation } from "wouter";
import type { Config } from "./api/config";
import { useMe } from "./api/me";
import { Refused } from "./api/problems";
import { Caught } from "./parts/Caught";
import { keepDraftsOf } from "./parts/drafts";
import { Empty, Failure } from "./parts/shown";
import { Shell } from "./Shell";
import { CurrentSession } from "./session/current";
import { SignedIn } from "./session/SignedIn";
import type { Session } from "./session/session";
import { Welcome } from "./session/Welcome";
import { words } from "./words";

const PAGES = {
  "/": lazy(() => import("./home/Home")),
  "/me": lazy(() => import("./home/Profile")),
  "/find": lazy(() => import("./finding/Find")),
  "/post": lazy(() => import("./posting/Templates")),
  "/post/new": lazy(() => import("./posting/Post")),
  "/earnings": lazy(() => import("./earning/Earnings")),
  "/credentials": lazy(() => import("./earning/Credentials")),
  "/offers": lazy(() => import("./earning/Offers")),
  "/cohorts": lazy(() => import("./teaching/Cohorts")),
  "/portfolio": lazy(() => import("./showing/Portfolio")),
  "/my-cohorts": lazy(() => import("./joining/MyCohorts")),
  "/organisation": lazy(() => import("./organisation/Organisation")),
  "/organisation/webhooks": lazy(() => import("./hooking/Webhooks")),
  "/talent": lazy(() => import("./hiring/Talent")),
  "/verify": lazy(() => import("./verifying/Verify")),
  "/reports": lazy(() => import("./reporting/Reports")),
  "/operate/approvals": lazy(() => import("./operating/Approvals")),
  "/operate/disputes": lazy(() => import("./operating/Disputes")),
  "/operate/money": lazy(() => import("./operating/MoneyAndStuck")),
  "/operate/trail": lazy(() => import("./operating/DayTrail")),
  "/operate/accounts": lazy(() => import("./operating/Accounts")),
};
const CohortPage = lazy(() => import("./teaching/CohortPage"));
const AccountPage = lazy(() => import("./operating/AccountPage"));
const EndpointPage = lazy(() => import("./hooking/EndpointPage"));
const BriefPage = lazy(() => import("./brief/BriefPage"));

export interface AppProps {
  config: Config;
  session: Session;
}

export function App({ config, session }: AppProps) {
  const [path, go] = useLocation();
  const isThere = useSyncExternalStore(
    useCallback((listener) => session.subscribe(listener), [session]),
    () => session.isThere,
  );
  const arrived = useCallback((to: string) => go(to, { replace: true }), [go]);
  if (path === "/signed-in") return <SignedIn session={session} onArrived={arrived} />;
  if (!isThere) return <Welcome config={config} session={session} />;
  return <Known session={session} />;
}

/** Everything else is for somebody: pages are drawn once it is known who that is. */
function Known({ session }: { session: Session }) {
  const me = useMe();
  const accountId = me.data?.account_id;
  // Before any page reads a draft, and once: whoever signs out leaves nothing here.
  useMemo(() => accountId && keepDraftsOf(accountId), [accountId]);
  if (me.data)
    return (
      <CurrentSession value={session}>
        <Shell me={me.data} session={session}>
          <Pages />
        </Shell>
      </CurrentSession>
    );
  if (!me.error) return <p className="loading">{words.common.loading}</p>;
  const again = me.error instanceof Refused && (me.error as Refused).status === 401 ? session.signOut : me.refetch;
  return (
    <main id="main">
      <Failure error={me.error} again={again} isPage />
    </main>
  );
}

function Pages() {
  const [path] = useLocation();
  useHeadingFocus();
  return (
    <Caught path={path}>
      <Suspense fallback={<p className="loading">{words.common.loading}</p>}>
        <Switch>
          {Object.entries(PAGES).map(([path, Page]) => (
            <Route key={path} path={path} component={Page} />
          ))}
          <Route path="/cohorts/:id" component={CohortPage} />
          <Route path="/operate/accounts/:id" component={AccountPage} />
          <Route path="/organisation/webhooks/:id" component={EndpointPage} />
          <Route path="/briefs/:id/*?" component={BriefPage} />
          <Route>
            <h1>{words.problems.missing}</h1>
            <Empty to="/" action={words.common.home}>
              {words.problems.noPage}
            </Empty>
          </Route>
        </Switch>
      </Suspense>
    </Caught>
  );
}

/** Whoever goes to another page, by keyboard or screen reader, begins at its top. */
function useHeadingFocus(): void {
  const [path] = useLocation();
  const page = path.split("/").slice(0, 3).join("/");
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    window.scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [page]);
}

import { Link } from "wouter";
import { $api } from "../api/client";
import { useKnownMe } from "../api/me";
import { ENDS } from "../brief/life";
import { BriefRow } from "../parts/BriefRow";
import { told } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty } from "../parts/shown";
import { words } from "../words";
import { FirstSteps } from "./FirstSteps";

/** What waits for whoever is here, and what they were told. */
export default function Home() {
  const me = useKnownMe();
  return (
    <>
      <h1>{words.home.hello(me.profile?.name ?? null)}</h1>
      <FirstSteps me={me} />
      <div className="columns">
        {me.role === "operator" ? <Operating /> : me.role === "educator" ? <Teaching /> : <MyBriefs role={me.role} />}
        <Notices />
      </div>
    </>
  );
}

function MyBriefs({ role }: { role: string }) {
  const mine = $api.useInfiniteQuery("get", "/me/briefs", {}, { ...byCursor, refetchInterval: 15_000 });
  const empty =
    role === "employer" ? (
      <Empty to="/post" action={words.nav.post}>
        {words.home.noBriefsEmployer}
      </Empty>
    ) : (
      <Empty to="/find" action={words.nav.find}>
        {words.home.noBriefsStudent}
      </Empty>
    );
  return (
    <Card title={words.home.myBriefs}>
      <Listed of={mine} empty={empty}>
        {(briefs) => (
          <ul className="list">
            {[...briefs]
              .sort((a, b) => Number(ENDS.has(a.state)) - Number(ENDS.has(b.state)))
              .map((brief) => (
                <BriefRow key={brief.brief_id} brief={brief} />
              ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function Teaching() {
  return (
    <Card title={words.cohorts.title}>
      <Empty to="/cohorts" action={words.cohorts.ours}>
        {words.home.educator}
      </Empty>
    </Card>
  );
}

function Notices() {
  const notices = $api.useInfiniteQuery("get", "/me/notices", {}, { ...byCursor, refetchInterval: 15_000 });
  return (
    <Card title={words.home.notices}>
      <Listed of={notices} empty={<Empty>{words.home.noNotices}</Empty>}>
        {(items) => (
          <ol className="rows small">
            {items.map((notice) => (
              <li key={`${notice.at} ${notice.type} ${notice.brief_id}`}>
                {notice.brief_id ? (
                  <Link href={`/briefs/${notice.brief_id}`}>{told(notice.text)}</Link>
                ) : (
                  told(notice.text)
                )}{" "}
                <span className="hint">
                  <Ago at={notice.at} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}

function Operating() {
  const pages = [
    ["/operate/approvals", words.operate.approvals, words.operate.approvalsMore],
    ["/operate/disputes", words.operate.disputes, words.operate.disputesMore],
    ["/operate/money", words.operate.money, words.operate.moneyMore],
    ["/operate/trail", words.operate.trail, words.operate.trailMore],
    ["/operate/accounts", words.accounts.title, words.operate.accountsMore],
    ["/reports", words.nav.reports, words.operate.reportsMore],
  ] as const;
  return (
    <Card title={words.nav.operate}>
      <ul className="rows">
        {pages.map(([path, name, more]) => (
          <li key={path}>
            <Link href={path}>{name}</Link>
            <p className="hint">{more}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import type { Schemas } from "../api/client";
import { money } from "../parts/format";
import { Places } from "../parts/Places";
import { Read } from "../parts/shown";
import { words } from "../words";
import { Actions } from "./Actions";
import { Life } from "./Life";
import type { Step } from "./life";
import { MoneyCard } from "./MoneyCard";
import { type Side, useBrief, useSide, useTimeline } from "./queries";
import { Terms } from "./Terms";
import { Timeline } from "./Timeline";

const Work = lazy(() => import("../delivering/Work"));
const Review = lazy(() => import("../reviewing/Review"));
const Applicants = lazy(() => import("../choosing/Applicants"));
const Talk = lazy(() => import("./Talk"));
const Trail = lazy(() => import("./Trail"));
const Agreement = lazy(() => import("../agreeing/Agreement"));
const Feedback = lazy(() => import("../reviewing/Feedback"));

export interface BriefProps {
  brief: Schemas["BriefView"];
  side: Side;
}

export default function BriefPage({ params }: { params: { id: string } }) {
  const brief = useBrief(params.id);
  return (
    <Read of={brief} isPage>
      {(found) => <Found brief={found} />}
    </Read>
  );
}

function Found({ brief }: { brief: Schemas["BriefView"] }) {
  const side = useSide(brief);
  const isParty = brief.progress != null && side !== "other";
  const timeline = useTimeline(brief.brief_id, isParty ? brief.progress?.version : undefined);
  const steps = timeline.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <article>
      <header className="page-head">
        <div>
          <h1>{brief.title}</h1>
          <p className="hint">
            {brief.employer.name ?? words.brief.someEmployer} · {money(brief.pay)} · {words.brief.hoursOf(brief.hours)}
          </p>
        </div>
      </header>
      <Life brief={brief} steps={steps} side={side} />
      <Tabs brief={brief} side={side} />
      <Suspense fallback={<p className="loading">{words.common.loading}</p>}>
        <Switch>
          <Route path={`/briefs/${brief.brief_id}/applicants`}>
            <Applicants brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/work`}>
            <Work brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/review`}>
            <Review brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/talk`}>
            <Talk brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/agreement`}>
            <Agreement brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/feedback`}>
            <Feedback brief={brief} side={side} />
          </Route>
          <Route path={`/briefs/${brief.brief_id}/trail`}>
            <Trail briefId={brief.brief_id} />
          </Route>
          <Route>
            <Overview brief={brief} side={side} steps={steps} />
          </Route>
        </Switch>
      </Suspense>
    </article>
  );
}

function Overview({ brief, side, steps }: BriefProps & { steps: Step[] }) {
  return (
    <>
      <Actions brief={brief} side={side} />
      <div className="columns">
        {steps.length > 0 && <Timeline steps={steps} />}
        <MoneyCard brief={brief} />
      </div>
      <Terms brief={brief} />
    </>
  );
}

/** Operators read an agreement only while they decide on it. */
function isAgreedOn(brief: Schemas["BriefView"], side: Side): boolean {
  if (side === "operator") return brief.state === "disputed";
  return brief.progress != null && side !== "other";
}

function Tabs({ brief, side }: BriefProps) {
  const base = `/briefs/${brief.brief_id}`;
  const tabs = [
    ["", words.tabs.overview, true],
    ["/applicants", words.tabs.applicants, side === "employer" && brief.state !== "posted"],
    ["/work", words.tabs.work, side !== "other" && brief.progress != null],
    ["/review", words.tabs.review, side === "employer" && (brief.progress?.submissions ?? 0) > 0],
    ["/talk", words.tabs.talk, true],
    ["/agreement", words.tabs.agreement, isAgreedOn(brief, side)],
    ["/feedback", words.tabs.feedback, brief.progress?.settled_at != null && side !== "other"],
    ["/trail", words.tabs.trail, side !== "other" && brief.progress != null],
  ] as const;
  const places = tabs.flatMap(([path, name, shown]) => (shown ? [[base + path, name] as const] : []));
  return <Places className="tabs" label={words.tabs.label} of={places} />;
}

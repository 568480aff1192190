import { $api, api } from "../api/client";
import type { BriefProps } from "../brief/BriefPage";
import { Fetching } from "../parts/Fetching";
import { duration, fileSize, money } from "../parts/format";
import { Card, Facts, Read, When } from "../parts/shown";
import { words } from "../words";
import { Amendments } from "./Amendments";
import { CheckIns } from "./CheckIns";
import { Clauses } from "./Clauses";
import { Mentor } from "./Mentor";
import { PageConsent } from "./PageConsent";

/** What both sides agreed on, what changes it, and how the work is going. */
export default function Agreement({ brief, side }: BriefProps) {
  const isAwarded = brief.progress?.student_id != null;
  return (
    <div className="columns even">
      {isAwarded && (
        <div>
          <Paper brief={brief} />
          <Amendments brief={brief} side={side} />
        </div>
      )}
      <div>
        {isAwarded && <CheckIns brief={brief} side={side} />}
        <Mentor brief={brief} side={side} />
        {side === "employer" && brief.progress?.settled_at && <PageConsent brief={brief} />}
      </div>
    </div>
  );
}

const PAPER_IS_MADE_MS = 3_000;

function Paper({ brief }: Pick<BriefProps, "brief">) {
  const agreement = $api.useQuery(
    "get",
    "/briefs/{brief_id}/agreement",
    { params: { path: { brief_id: brief.brief_id } } },
    { refetchInterval: ({ state: { data } }) => (data?.editions.length ? false : PAPER_IS_MADE_MS) },
  );
  return (
    <Card title={words.agreement.title}>
      <Read of={agreement}>
        {(found) => (
          <>
            <Facts
              of={[
                [words.agreement.student, <When key="s" at={found.student_accepted_at} zone={brief.zone} />],
                [words.agreement.employer, <When key="e" at={found.employer_accepted_at} zone={brief.zone} />],
                [words.agreement.reviewWithin, duration(found.contract.review_window_s)],
                [words.agreement.killFee, money(found.contract.kill_fee)],
              ]}
            />
            {found.editions.length === 0 && <p className="hint">{words.agreement.underWay}</p>}
            <ul className="rows">
              {found.editions.map((edition, index) => (
                <li key={edition.edition}>
                  <Fetching
                    label={words.agreement.edition(index + 1)}
                    fetch={() => download(brief.brief_id, edition.edition)}
                  />{" "}
                  <span className="hint">{fileSize(edition.size_bytes)}</span> <When at={edition.kept_at} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Read>
      <Clauses briefId={brief.brief_id} />
    </Card>
  );
}

/** A link is good for minutes, so each look takes a fresh one. */
async function download(briefId: string, edition: number): Promise<void> {
  const { data } = await api.GET("/briefs/{brief_id}/agreement", { params: { path: { brief_id: briefId } } });
  const found = data?.editions.find((one) => one.edition === edition);
  if (found) location.assign(found.url);
}

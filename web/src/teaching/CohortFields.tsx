import { Tick, Typed } from "../parts/Field";
import { words } from "../words";
import type { CohortDraft } from "./cohort";

interface CohortFieldsProps {
  draft: CohortDraft;
  set: (part: Partial<CohortDraft>) => void;
}

/** What a cohort is: its period, what students are asked to have seen, and what gives credit. */
export function CohortFields({ draft, set }: CohortFieldsProps) {
  return (
    <>
      <Typed name="/name" label={words.cohorts.name} value={draft.name} onChange={(name) => set({ name })} required />
      <Typed
        name="/about"
        label={words.cohorts.about}
        rows={3}
        value={draft.about}
        onChange={(about) => set({ about })}
      />
      <div className="side-by-side">
        <Typed
          name="/starts_on"
          type="date"
          label={words.cohorts.starts}
          value={draft.starts}
          onChange={(starts) => set({ starts })}
          required
        />
        <Typed
          name="/ends_on"
          type="date"
          label={words.cohorts.ends}
          value={draft.ends}
          onChange={(ends) => set({ ends })}
          required
        />
      </div>
      <p className="hint">{words.cohorts.periodMore}</p>
      <Tick label={words.cohorts.scores} checked={draft.scores} onChange={(scores) => set({ scores })} />
      <Typed
        name="/hours_wanted"
        inputMode="numeric"
        label={words.cohorts.hoursWanted}
        hint={words.cohorts.hoursWantedMore}
        value={draft.hoursWanted}
        onChange={(hoursWanted) => set({ hoursWanted })}
      />
      <Typed
        name="/rules/hours_per_credit"
        inputMode="numeric"
        label={words.cohorts.hoursPerCredit}
        hint={words.cohorts.hoursPerCreditMore}
        value={draft.hoursPerCredit}
        onChange={(hoursPerCredit) => set({ hoursPerCredit })}
      />
      <div className="side-by-side">
        <Typed
          name="/rules/least_score_percent"
          inputMode="numeric"
          label={words.cohorts.leastScore}
          value={draft.leastScore}
          onChange={(leastScore) => set({ leastScore })}
        />
        <Typed
          name="/rules/most_credits"
          inputMode="numeric"
          label={words.cohorts.mostCredits}
          value={draft.mostCredits}
          onChange={(mostCredits) => set({ mostCredits })}
        />
      </div>
    </>
  );
}

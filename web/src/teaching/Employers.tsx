import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { Choice, Typed } from "../parts/Field";
import { idIn } from "../parts/ids";
import { Card } from "../parts/shown";
import { words } from "../words";
import type { OfCohort } from "./CohortPage";
import { cohortOf, draftOfCohort } from "./cohort";
import { briefOfEach, withEmployer, withoutEmployer } from "./employers";

/** Whose briefs count for credit: everybody's, or those of the employers on a list. */
export function Employers({ path, cohort }: OfCohort) {
  const names = useEmployerNames();
  return (
    <Card
      title={words.cohorts.employers}
      aside={
        <Ask button={words.cohorts.list} title={words.cohorts.list} tone="quiet">
          {(close) => <List path={path} cohort={cohort} names={names} close={close} />}
        </Ask>
      }
    >
      <p className="hint">{cohort.employers ? words.cohorts.someEmployers : words.cohorts.allEmployers}</p>
      <ul className="rows small">
        {cohort.employers?.map((id) => (
          <li key={id}>
            {names.get(id) ?? <code className="long">{id}</code>}
            <TakeOff path={path} cohort={cohort} id={id} name={names.get(id) ?? id} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Each name is a request: of more employers than this, the rest are chosen by their ids. */
const MOST_NAMES = 40;

/** The names of employers that have an open brief, by their ids. */
function useEmployerNames(): Map<string, string> {
  const open = $api.useQuery("get", "/search/briefs", { params: { query: { limit: 100 } } }, { staleTime: 60_000 });
  const asked = [...briefOfEach(open.data?.items ?? []).values()].slice(0, MOST_NAMES);
  return useQueries({
    queries: asked.map((brief_id) => ({
      ...$api.queryOptions("get", "/briefs/{brief_id}", { params: { path: { brief_id } } }),
      staleTime: 600_000,
    })),
    combine: (read) =>
      new Map(
        read.flatMap(({ data }) => (data?.employer.name ? [[data.employer.organisation_id, data.employer.name]] : [])),
      ),
  });
}

/** A cohort is written as a whole: everything else of it stays as it is. */
export function useEmployers({ path, cohort }: OfCohort, done?: () => void) {
  return useCommand<Schemas["CohortRequest"]["employers"]>(
    (employers, header) =>
      api.PUT("/organisations/{organisation_id}/cohorts/{cohort_id}", {
        params: { path, header },
        body: cohortOf(draftOfCohort(cohort), employers),
      }),
    done,
  );
}

function List({ path, cohort, names, close }: OfCohort & { names: Map<string, string>; close: () => void }) {
  const [chosen, setChosen] = useState("");
  const [typed, setTyped] = useState("");
  const list = useEmployers({ path, cohort }, close);
  const id = chosen || idIn(typed);
  const field = `/employers/${cohort.employers?.length ?? 0}`;
  const options = [...names]
    .filter(([each]) => !cohort.employers?.includes(each))
    .map(([value, label]) => ({ value, label }));
  return (
    <CommandForm
      command={list}
      body={() => withEmployer(cohort.employers, id ?? "")}
      send={words.cohorts.list}
      disabled={!id}
    >
      <p>{words.cohorts.listMore}</p>
      <Choice
        name={chosen ? field : "employer"}
        label={words.cohorts.employer}
        value={chosen}
        onChange={setChosen}
        options={options}
        empty={words.cohorts.byId}
      />
      {!chosen && (
        <Typed
          name={field}
          label={words.cohorts.employerId}
          hint={words.cohorts.employerIdMore}
          value={typed}
          onChange={setTyped}
          error={typed.trim() && !id ? words.accounts.noId : undefined}
          required
        />
      )}
    </CommandForm>
  );
}

function TakeOff({ path, cohort, id, name }: OfCohort & { id: string; name: string }) {
  const takeOff = useEmployers({ path, cohort });
  const left = withoutEmployer(cohort.employers, id);
  if (left)
    return (
      <CommandForm
        command={takeOff}
        body={() => left}
        send={words.common.remove}
        about={words.cohorts.takeOff(name)}
        tone="quiet"
      />
    );
  return (
    <Ask button={words.common.remove} title={words.cohorts.takeOff(name)} tone="quiet">
      {(close) => <TakeOffLast path={path} cohort={cohort} close={close} />}
    </Ask>
  );
}

/** Without a list all count: whoever takes the last one off is told. */
function TakeOffLast({ path, cohort, close }: OfCohort & { close: () => void }) {
  const takeOff = useEmployers({ path, cohort }, close);
  return (
    <CommandForm command={takeOff} body={() => null} send={words.common.remove} tone="danger">
      <p>{words.cohorts.takeOffLast}</p>
    </CommandForm>
  );
}

/** Beside a brief that does not count only because its employer is not on the list. */
export function ListItsEmployer({ path, cohort, brief }: OfCohort & { brief: Schemas["SeenBrief"] }) {
  const list = useEmployers({ path, cohort });
  if (brief.not_counted !== "employer_not_listed") return null;
  return (
    <CommandForm
      command={list}
      body={() => withEmployer(cohort.employers, brief.employer_id)}
      send={words.cohorts.listIts}
      tone="quiet"
    />
  );
}

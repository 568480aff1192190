import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Refused } from "../api/problems";
import { CommandForm } from "../parts/CommandForm";
import { Choice, Typed } from "../parts/Field";
import { Empty, Read } from "../parts/shown";
import { words } from "../words";

interface KeepProps {
  brief: Schemas["BriefView"];
  studentId: string;
  close: () => void;
}

/** Whoever applied can be made a candidate; who is one already stays where they are. */
export function Keep({ brief, studentId, close }: KeepProps) {
  const path = { organisation_id: brief.employer.organisation_id, student_id: studentId };
  const candidate = $api.useQuery(
    "get",
    "/organisations/{organisation_id}/candidates/{student_id}",
    { params: { path } },
    { retry: false },
  );
  const isNew =
    (candidate.error as unknown) instanceof Refused && (candidate.error as unknown as Refused).status === 404;
  if (isNew) return <KeepForm path={path} briefId={brief.brief_id} close={close} />;
  return (
    <Read of={candidate}>
      {(found) => (
        <Empty to="/talent" action={words.nav.talent}>
          {words.talent.kept} {words.talent.stage}: {words.talent.stages[found.stage]}
        </Empty>
      )}
    </Read>
  );
}

const STAGES = Object.entries(words.talent.stages).map(([value, label]) => ({ value, label }));
/** As what somebody was hired is said among the candidates. */
const FIRST_STAGES = STAGES.filter(({ value }) => value !== "hired" && value !== "closed");

interface KeepFormProps {
  path: { organisation_id: string; student_id: string };
  briefId: string;
  close: () => void;
}

function KeepForm({ path, briefId, close }: KeepFormProps) {
  const [stage, setStage] = useState<Schemas["Stage"]>("shortlisted");
  const [note, setNote] = useState("");
  const keep = useCommand<Schemas["CandidateRequest"]>(
    (body, header) =>
      api.PUT("/organisations/{organisation_id}/candidates/{student_id}", { params: { path, header }, body }),
    close,
  );
  return (
    <CommandForm
      command={keep}
      body={() => ({ stage, note: note.trim() || null, hire: null, brief_id: briefId })}
      send={words.talent.keep}
    >
      <Choice
        name="/stage"
        label={words.talent.stage}
        value={stage}
        onChange={(value) => setStage(value as Schemas["Stage"])}
        options={FIRST_STAGES}
      />
      <Typed name="/note" label={words.talent.note} rows={3} value={note} onChange={setNote} />
    </CommandForm>
  );
}

import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { plain } from "../parts/format";
import { Card, Empty, Read, When } from "../parts/shown";
import { words } from "../words";

/** What both sides say of each other once the money has moved. */
export default function Feedback({ brief }: BriefProps) {
  const params = { params: { path: { brief_id: brief.brief_id } } };
  const feedback = $api.useQuery("get", "/briefs/{brief_id}/feedback", params);
  const { role } = useKnownMe();
  return (
    <Read of={feedback}>
      {(found) => (
        <>
          <Card title={words.feedback.title}>
            {found.until ? (
              <Shown feedback={found} until={found.until} zone={brief.zone} />
            ) : (
              <Empty>{words.feedback.none}</Empty>
            )}
            {Object.keys(found.asked).length > 0 && !found.shown && <Give brief={brief} feedback={found} role={role} />}
          </Card>
          <Given title={words.feedback.fromEmployer} of={found.from_employer} />
          <Given title={words.feedback.fromStudent} of={found.from_student} />
        </>
      )}
    </Read>
  );
}

interface ShownProps {
  feedback: Schemas["FeedbackView"];
  until: string;
  zone: string;
}

/** When each side sees the other's: once both are in, or since the time for it was over. */
function Shown({ feedback, until, zone }: ShownProps) {
  if (feedback.shown && feedback.from_employer && feedback.from_student) return <p>{words.feedback.bothIn}</p>;
  return (
    <p>
      {feedback.shown ? words.feedback.shown : words.feedback.until} <When at={until} zone={zone} />
    </p>
  );
}

function Given({ title, of }: { title: string; of: Schemas["GivenView"] | null }) {
  if (!of) return null;
  return (
    <Card title={title}>
      <ul className="ratings">
        {Object.entries(of.ratings).map(([name, points]) => (
          <li key={name}>
            {plain(name)} <strong>{words.feedback.points(points)}</strong>
          </li>
        ))}
      </ul>
      <p className="text">{of.text}</p>
      <ul>
        {of.suggestions.map((suggestion) => (
          <li key={suggestion.criterion}>
            <strong>{plain(suggestion.criterion)}</strong> {suggestion.suggestion}
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface GiveProps {
  brief: Schemas["BriefView"];
  feedback: Schemas["FeedbackView"];
  role: string;
}

const RATINGS = ["1", "2", "3", "4", "5"].map((value) => ({ value, label: words.feedback.points(Number(value)) }));

function Give({ brief, feedback, role }: GiveProps) {
  const given = role === "student" ? feedback.from_student : feedback.from_employer;
  const initial = { ratings: (given?.ratings ?? {}) as Record<string, number>, text: given?.text ?? "" };
  const [said, change, forget] = useDraft(`feedback.${brief.brief_id}`, initial);
  const give = useCommand<Schemas["FeedbackRequest"]>(
    (body, header) =>
      api.PUT("/briefs/{brief_id}/feedback", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    forget,
  );
  return (
    <CommandForm
      command={give}
      body={() => ({ ...said, suggestions: [] })}
      send={given ? words.feedback.change : words.feedback.give}
    >
      {Object.entries(feedback.asked).map(([name, question]) => (
        <Choice
          key={name}
          name={`/ratings/${name}`}
          label={question}
          value={String(said.ratings[name] ?? "")}
          empty={words.feedback.choose}
          options={RATINGS}
          onChange={(value) => change((old) => ({ ...old, ratings: { ...old.ratings, [name]: Number(value) } }))}
        />
      ))}
      <Typed
        name="/text"
        label={words.feedback.text}
        rows={4}
        value={said.text}
        onChange={(text) => change((old) => ({ ...old, text }))}
        required
      />
    </CommandForm>
  );
}

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
import { suggestionsOf, typedOf } from "./suggestions";

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
            {Object.keys(found.asked).length > 0 && !found.shown && (
              <Give key={ownOf(found, role)?.at} brief={brief} feedback={found} given={ownOf(found, role)} />
            )}
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

function ownOf(feedback: Schemas["FeedbackView"], role: string): Schemas["GivenView"] | null {
  return role === "student" ? feedback.from_student : feedback.from_employer;
}

interface GiveProps {
  brief: Schemas["BriefView"];
  feedback: Schemas["FeedbackView"];
  /** What was given before, which can be changed. */
  given: Schemas["GivenView"] | null;
}

const RATINGS = ["1", "2", "3", "4", "5"].map((value) => ({ value, label: words.feedback.points(Number(value)) }));

function Give({ brief, feedback, given }: GiveProps) {
  const initial = { ratings: (given?.ratings ?? {}) as Record<string, number>, text: given?.text ?? "" };
  const [said, change, forgetSaid] = useDraft(`feedback.${brief.brief_id}`, initial);
  const [typed, type, forgetTyped] = useDraft(`suggestions.${brief.brief_id}`, typedOf(given?.suggestions ?? []));
  const suggestions = suggestionsOf(brief.rubric, typed);
  const give = useCommand<Schemas["FeedbackRequest"]>(
    (body, header) =>
      api.PUT("/briefs/{brief_id}/feedback", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    () => {
      forgetSaid();
      forgetTyped();
    },
  );
  return (
    <CommandForm
      command={give}
      body={() => ({ ...said, suggestions })}
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
      <fieldset>
        <legend>{words.feedback.suggestions}</legend>
        <p className="hint">{words.feedback.suggestionsMore}</p>
        {brief.rubric.map(({ name }) => (
          <Typed
            key={name}
            name={`/suggestions/${suggestions.findIndex(({ criterion }) => criterion === name)}/suggestion`}
            label={words.feedback.suggestionOn(plain(name))}
            rows={2}
            value={typed[name] ?? ""}
            onChange={(suggestion) => type((old) => ({ ...old, [name]: suggestion }))}
          />
        ))}
      </fieldset>
    </CommandForm>
  );
}

import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty } from "../parts/shown";
import { words } from "../words";
import type { BriefProps } from "./BriefPage";

/** Questions that everybody reads, and what the two sides write to each other. */
export default function Talk({ brief, side }: BriefProps) {
  const together = brief.progress?.student_id != null && side !== "other";
  if (!together || (side === "operator" && brief.state !== "disputed")) return <Questions brief={brief} side={side} />;
  return (
    <div className="columns even">
      <Questions brief={brief} side={side} />
      <Messages brief={brief} side={side} />
    </div>
  );
}

const OFTEN = { refetchInterval: 8_000 } as const;

function Questions({ brief, side }: BriefProps) {
  const path = { brief_id: brief.brief_id };
  const asked = $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/questions",
    { params: { path } },
    { ...byCursor, ...OFTEN },
  );
  const canAsk = brief.state === "open" && side === "other";
  return (
    <Card title={words.talk.questions}>
      <Listed of={asked} empty={<Empty>{words.talk.noQuestions}</Empty>}>
        {(posts) => (
          <ol className="talk">
            {posts
              .filter((post) => post.answers === null)
              .map((question) => (
                <li key={question.number}>
                  <Question of={question} answers={posts.filter((post) => post.answers === question.number)} />
                  {side === "employer" && brief.state === "open" && <AskForm brief={brief} answers={question.number} />}
                </li>
              ))}
          </ol>
        )}
      </Listed>
      {canAsk && <AskForm brief={brief} answers={null} />}
    </Card>
  );
}

function Question({ of, answers }: { of: Schemas["QuestionView"]; answers: Schemas["QuestionView"][] }) {
  return (
    <>
      <p className="who">
        {of.asker?.name ?? of.alias ?? words.roles[of.by]} <Ago at={of.posted_at} />
      </p>
      <p className="text">{of.text}</p>
      {answers.map((answer) => (
        <blockquote key={answer.number}>
          <p className="who">
            {words.roles[answer.by]} <Ago at={answer.posted_at} />
          </p>
          <p className="text">{answer.text}</p>
        </blockquote>
      ))}
    </>
  );
}

function AskForm({ brief, answers }: { brief: Schemas["BriefView"]; answers: number | null }) {
  const draft = `ask.${brief.brief_id}.${answers}`;
  const [text, setText, forget] = useDraft(draft, "");
  const ask = useCommand<Schemas["QuestionRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/questions", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    forget,
    draft,
  );
  return (
    <CommandForm
      command={ask}
      body={() => ({ text, answers })}
      send={answers ? words.talk.answer : words.talk.ask}
      tone="quiet"
    >
      <Typed
        name="/text"
        label={answers ? words.talk.yourAnswer : words.talk.yourQuestion}
        rows={2}
        value={text}
        onChange={setText}
      />
    </CommandForm>
  );
}

function Messages({ brief, side }: BriefProps) {
  const path = { brief_id: brief.brief_id };
  const written = $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/messages",
    { params: { path } },
    { ...byCursor, ...OFTEN },
  );
  return (
    <Card title={words.talk.messages}>
      <Listed of={written} empty={<Empty>{words.talk.noMessages}</Empty>}>
        {(messages) => (
          <ol className="talk">
            {messages.map((message) => (
              <li key={message.number} className={message.mine ? "mine" : undefined}>
                <p className="who">
                  {message.author.name ?? words.roles[message.by]} <Ago at={message.posted_at} />
                </p>
                <p className="text">{message.text}</p>
              </li>
            ))}
          </ol>
        )}
      </Listed>
      {side !== "operator" && !brief.progress?.settled_at && <Write brief={brief} />}
    </Card>
  );
}

function Write({ brief }: { brief: Schemas["BriefView"] }) {
  const draft = `write.${brief.brief_id}`;
  const [text, setText, forget] = useDraft(draft, "");
  const write = useCommand<string>(
    (said, header) =>
      api.POST("/briefs/{brief_id}/messages", {
        params: { path: { brief_id: brief.brief_id }, header },
        body: { text: said },
      }),
    forget,
    draft,
  );
  return (
    <CommandForm command={write} body={() => text} send={words.talk.send}>
      <Typed name="/text" label={words.talk.yourMessage} rows={3} value={text} onChange={setText} />
    </CommandForm>
  );
}

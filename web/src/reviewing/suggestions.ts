import type { Schemas } from "../api/client";

/** What was typed of each criterion, by its name. */
export type Typed = Record<string, string>;

/** What is sent: the criteria of which something was typed, in the rubric's order. */
export function suggestionsOf(rubric: readonly { name: string }[], typed: Typed): Schemas["Suggestion"][] {
  return rubric.flatMap(({ name }) => {
    const suggestion = (typed[name] ?? "").trim();
    return suggestion ? [{ criterion: name, suggestion }] : [];
  });
}

/** What was given before, to go on with; several of one criterion as paragraphs. */
export function typedOf(suggestions: readonly Schemas["Suggestion"][]): Typed {
  const typed: Typed = {};
  for (const { criterion, suggestion } of suggestions)
    typed[criterion] = typed[criterion] ? `${typed[criterion]}\n\n${suggestion}` : suggestion;
  return typed;
}

import type { Schemas } from "../api/client";
import { plain } from "../parts/format";
import { Empty } from "../parts/shown";
import { words } from "../words";

/** People side by side on the same criteria: what they reached in work that was paid. */
export function Compare({ comparison }: { comparison: Schemas["Comparison"] }) {
  const { criteria, compared } = comparison;
  if (!compared.length) return <Empty>{words.applicants.none}</Empty>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="wide" aria-label={words.applicants.sideBySide} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.applicants.who}</th>
            <th scope="col">{words.applicants.done}</th>
            <th scope="col">{words.applicants.score}</th>
            {criteria.map((criterion) => (
              <th key={criterion} scope="col">
                {plain(criterion)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {compared.map((one) => (
            <tr key={one.label}>
              <th scope="row">{one.label}</th>
              <td>{one.briefs_done}</td>
              <td>{percent(one.score_percent)}</td>
              {criteria.map((criterion) => (
                <td key={criterion}>{percent((one.percent_of as Record<string, number | null>)[criterion])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function percent(value: number | null | undefined): string {
  return value == null ? "–" : `${value} %`;
}

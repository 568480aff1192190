import { Link } from "wouter";
import type { Me } from "../api/me";
import { Card } from "../parts/shown";
import { words } from "../words";

/** What is still to be done before the platform can be used in earnest. */
export function FirstSteps({ me }: { me: Me }) {
  const steps = [
    me.standing.state === "suspended" && [words.home.suspended(me.standing.reason ?? ""), "/me"],
    !me.profile && [words.home.writeProfile, "/me"],
    me.role === "employer" && !me.organisation_id && [words.home.foundOrganisation, "/organisation"],
    me.role === "educator" && !me.organisation_id && [words.home.foundInstitution, "/organisation"],
    me.role === "student" && me.payout_status !== "ready" && [words.home.sayWhereToPay, "/earnings"],
  ].filter((step): step is [string, string] => Array.isArray(step));
  if (!steps.length) return null;
  return (
    <Card title={words.home.firstSteps}>
      <ul className="rows">
        {steps.map(([text, path]) => (
          <li key={text}>
            <Link href={path}>{text}</Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

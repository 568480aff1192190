import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm, Wrong } from "../parts/CommandForm";
import { money } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Tag, When } from "../parts/shown";
import { words } from "../words";

/** Briefs that employers offered to this student. */
export default function Offers() {
  const offers = $api.useInfiniteQuery("get", "/me/offers", {}, byCursor);
  return (
    <>
      <h1>{words.offers.title}</h1>
      <Listed of={offers} empty={<Empty>{words.offers.none}</Empty>}>
        {(items) => items.map((offer) => <Offer key={offer.brief_id} offer={offer} />)}
      </Listed>
    </>
  );
}

function Offer({ offer }: { offer: Schemas["OfferView"] }) {
  const path = { brief_id: offer.brief_id };
  const accept = useCommand<undefined>((_, header) =>
    api.POST("/me/offers/{brief_id}/acceptance", { params: { path, header }, body: {} }),
  );
  const refuse = useCommand<undefined>((_, header) =>
    api.POST("/me/offers/{brief_id}/refusal", { params: { path, header } }),
  );
  return (
    <Card
      title={offer.title}
      aside={<Tag tone={offer.status === "open" ? "info" : "plain"}>{words.offers.statuses[offer.status]}</Tag>}
    >
      <p className="hint">
        {money(offer.pay)} · {words.brief.hoursOf(offer.hours)} ·{" "}
        <Link href={`/briefs/${offer.brief_id}`}>{words.offers.see}</Link>
      </p>
      <p className="text">{offer.message}</p>
      {offer.status === "open" && (
        <>
          {offer.accept_by && (
            <p>
              {words.offers.acceptBy} <When at={offer.accept_by.due_at} zone={offer.accept_by.zone} />
            </p>
          )}
          <Wrong error={refuse.error} />
          <CommandForm
            command={accept}
            body={() => undefined}
            send={words.offers.accept}
            also={
              <button type="button" className="button quiet" onClick={() => refuse.mutate(undefined)}>
                {words.offers.refuse}
              </button>
            }
          />
        </>
      )}
    </Card>
  );
}

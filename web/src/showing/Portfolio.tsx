import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Tick, Typed } from "../parts/Field";
import { byCursor, Listed } from "../parts/pages";
import { saveAs } from "../parts/saving";
import { Card, Empty, Read } from "../parts/shown";
import { words } from "../words";
import { Completed } from "./Completed";

/** The page that a student shows to whom they like: what is on it, its link, and the same as a résumé. */
export default function Portfolio() {
  const portfolio = $api.useQuery("get", "/me/portfolio");
  return (
    <>
      <h1>{words.portfolio.title}</h1>
      <Read of={portfolio}>
        {(found) => (
          <div className="columns">
            <Briefs />
            <div>
              <Link portfolio={found} />
              <Settings portfolio={found} />
              <Resume />
              <Growth />
            </div>
          </div>
        )}
      </Read>
    </>
  );
}

function Briefs() {
  const completed = $api.useInfiniteQuery("get", "/me/portfolio/briefs", {}, byCursor);
  return (
    <Card title={words.portfolio.briefs}>
      <Listed
        of={completed}
        empty={
          <Empty to="/find" action={words.nav.find}>
            {words.portfolio.noBriefs}
          </Empty>
        }
      >
        {(items) => (
          <ul className="rows">
            {items.map((brief) => (
              <Completed key={brief.brief_id} brief={brief} />
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

interface OfProps {
  portfolio: Schemas["PortfolioView"];
}

function Link({ portfolio }: OfProps) {
  const [handle, setHandle, forget] = useDraft("handle", "");
  const share = useCommand<Schemas["LinkRequest"]>(
    (body, header) => api.POST("/me/portfolio/link", { params: { header }, body }),
    forget,
  );
  return (
    <Card title={words.portfolio.link}>
      {portfolio.url ? (
        <p>
          {words.portfolio.isShared}{" "}
          <a href={portfolio.url} target="_blank" rel="noreferrer">
            {portfolio.url}
          </a>
        </p>
      ) : (
        <p>{words.portfolio.isPrivate}</p>
      )}
      <CommandForm
        command={share}
        body={() => ({ handle: handle.trim() || null })}
        send={portfolio.url ? words.portfolio.anotherLink : words.portfolio.share}
        tone={portfolio.url ? "quiet" : "primary"}
        also={portfolio.url && <MakePrivate />}
        disabled={portfolio.links_left === 0}
      >
        <Typed
          name="/handle"
          label={words.portfolio.handle}
          hint={words.portfolio.handleMore(portfolio.links_left)}
          value={handle}
          onChange={setHandle}
        />
      </CommandForm>
    </Card>
  );
}

function MakePrivate() {
  const revoke = useCommand<undefined>((_, header) =>
    api.POST("/me/portfolio/link/revocation", { params: { header } }),
  );
  return (
    <Ask button={words.portfolio.makePrivate} title={words.portfolio.makePrivate} tone="quiet">
      {() => (
        <CommandForm command={revoke} body={() => undefined} send={words.portfolio.makePrivate} tone="danger">
          <p>{words.portfolio.makePrivateMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}

function Settings({ portfolio }: OfProps) {
  const initial = {
    about: portfolio.about ?? "",
    showName: portfolio.name !== null,
    showGrowth: portfolio.show_growth,
  };
  const [said, change, forget] = useDraft("portfolio", initial);
  const save = useCommand<Schemas["PortfolioRequest"]>(
    (body, header) => api.PUT("/me/portfolio", { params: { header }, body }),
    () => forget(said),
  );
  const body = () => ({
    about: said.about.trim() || null,
    show_name: said.showName,
    show_growth: said.showGrowth,
  });
  return (
    <Card title={words.portfolio.besides}>
      <CommandForm command={save} body={body} send={words.common.save}>
        <Typed
          name="/about"
          label={words.portfolio.about}
          rows={4}
          value={said.about}
          onChange={(about) => change((old) => ({ ...old, about }))}
        />
        <Tick
          label={words.portfolio.showName}
          checked={said.showName}
          onChange={(showName) => change((old) => ({ ...old, showName }))}
        />
        <Tick
          label={words.portfolio.showGrowth}
          checked={said.showGrowth}
          onChange={(showGrowth) => change((old) => ({ ...old, showGrowth }))}
        />
      </CommandForm>
    </Card>
  );
}

function Resume() {
  const save = useCommand<"pdf" | "json">(async (kind) => {
    const { data } =
      kind === "pdf"
        ? await api.GET("/me/portfolio/resume.pdf", { parseAs: "blob" })
        : await api.GET("/me/portfolio/resume", { parseAs: "blob" });
    saveAs(data as unknown as Blob, `resume.${kind}`);
  });
  return (
    <Card title={words.portfolio.resume}>
      <p className="hint">{words.portfolio.resumeMore}</p>
      <CommandForm
        command={save}
        body={() => "pdf" as const}
        send={words.portfolio.pdf}
        also={
          <button type="button" className="button quiet" onClick={() => save.mutate("json")}>
            {words.portfolio.json}
          </button>
        }
      />
    </Card>
  );
}

function Growth() {
  const growth = $api.useQuery("get", "/me/portfolio/growth");
  return (
    <Card title={words.portfolio.growth}>
      <p className="hint">{words.portfolio.growthMore}</p>
      <Read of={growth}>
        {({ told }) =>
          told.length ? (
            <ul className="said">
              {told.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          ) : (
            <Empty>{words.portfolio.noGrowth}</Empty>
          )
        }
      </Read>
    </Card>
  );
}

import { useState } from "react";
import { words } from "../words";

/** What is shown this once, with a button that copies it. */
export function Once({ label, secret }: { label: string; secret: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <div className="notice" role="status">
      <p>
        {label} <code>{secret}</code>
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={copy}>
          {isCopied ? words.common.copied : words.common.copy}
        </button>
      </div>
    </div>
  );
}

import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";

interface PlacesProps {
  label: string;
  className?: string;
  of: readonly (readonly [string, string])[];
}

/** Where one can go, side by side. On a phone they do not all fit: the one that is open is moved into sight. */
export function Places({ label, className, of }: PlacesProps) {
  const nav = useRef<HTMLElement>(null);
  const [here] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is open is another after going somewhere
  useEffect(() => {
    const open = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (!nav.current || !open) return;
    const [around, own] = [nav.current.getBoundingClientRect(), open.getBoundingClientRect()];
    nav.current.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
  }, [here]);
  return (
    <nav ref={nav} aria-label={label} className={className}>
      {of.map(([path, name]) => (
        <Link
          key={path}
          href={path}
          className={path === here ? "active" : ""}
          aria-current={path === here ? "page" : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

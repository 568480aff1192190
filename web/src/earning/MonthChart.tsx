import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Schemas } from "../api/client";
import { digitsOf } from "../parts/format";
import { words } from "../words";

type Row = Schemas["StatementRow"];

const HEIGHT_PX = 180;

/** What came in or was charged, month by month; the table beside it says the same, so it is hidden from readers. */
export default function MonthChart({ rows, year }: { rows: Row[]; year: number }) {
  const box = useRef<HTMLDivElement>(null);
  const currency = rows[0]?.amount.currency ?? "USD";
  const sums = byMonth(rows, year, currency);
  const key = sums.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what the sums say
  useEffect(() => {
    if (!box.current) return;
    const chart = new uPlot(optionsFor(box.current, currency), [sums.map((_, month) => month), sums], box.current);
    const around = box.current;
    const fit = new ResizeObserver(() => chart.setSize({ width: around.clientWidth, height: HEIGHT_PX }));
    fit.observe(box.current);
    return () => {
      fit.disconnect();
      chart.destroy();
    };
  }, [key, currency]);
  return <div ref={box} className="chart" aria-hidden="true" title={words.earnings.byMonth(currency)} />;
}

/** Totals in major units, January first, of what was earned or charged in one currency. */
export function byMonth(rows: readonly Row[], year: number, currency: string): number[] {
  const sums = new Array<number>(12).fill(0);
  for (const { at, amount, name } of rows) {
    const date = new Date(at);
    const counts = name === "payout" || name === "fund";
    if (!counts || amount.currency !== currency || date.getUTCFullYear() !== year) continue;
    sums[date.getUTCMonth()] =
      (sums[date.getUTCMonth()] ?? 0) + Math.abs(amount.amount_minor) / 10 ** digitsOf(currency);
  }
  return sums;
}

function optionsFor(box: HTMLElement, currency: string): uPlot.Options {
  const style = getComputedStyle(box);
  const names = Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" }).format(Date.UTC(2026, month)),
  );
  const ink = style.getPropertyValue("--muted");
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, 11.6] }, y: { range: (_, __, most) => [0, most || 1] } },
    axes: [
      { stroke: ink, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => names[tick] ?? "") },
      { stroke: ink, size: 70, grid: { stroke: style.getPropertyValue("--line") } },
    ],
    series: [
      {},
      {
        label: currency,
        fill: style.getPropertyValue("--accent"),
        paths: uPlot.paths.bars?.({ size: [0.7, 48] }),
        points: { show: false },
      },
    ],
  };
}

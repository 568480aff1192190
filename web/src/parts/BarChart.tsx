import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT_PX = 180;
/** So much room has a label, below the bars; where there is less, every second or third one is shown. */
const LABEL_PX = 48;
/** What the axis of a count goes up by: there is no half of a brief. */
const WHOLE = [1, 2, 5].flatMap((step) => [step, step * 10, step * 100, step * 1_000]).sort((a, b) => a - b);

interface BarChartProps {
  title: string;
  labels: readonly string[];
  /** One for each label; none where there is nothing to show. */
  values: readonly (number | null)[];
  /** Whether it counts something. */
  isCount?: boolean;
}

/** Bars side by side. A table beside them has to say the same: they are hidden from screen readers. */
export default function BarChart({ title, labels, values, isCount = false }: BarChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([labels, values]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what is drawn
  useEffect(() => {
    const around = box.current;
    if (!around) return;
    const chart = new uPlot(
      optionsFor(around, title, labels, isCount),
      [labels.map((_, at) => at), [...values]],
      around,
    );
    const resized = new ResizeObserver(() => chart.setSize({ width: around.clientWidth, height: HEIGHT_PX }));
    resized.observe(around);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [key, title, isCount]);
  return <div ref={box} className="chart" aria-hidden="true" title={title} />;
}

function optionsFor(box: HTMLElement, title: string, labels: readonly string[], isCount: boolean): uPlot.Options {
  const style = getComputedStyle(box);
  const ink = style.getPropertyValue("--muted");
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_, __, most) => [0, most || 1] } },
    axes: [
      {
        stroke: ink,
        grid: { show: false },
        space: LABEL_PX,
        incrs: [1, 2, 3, 6, 12],
        values: (_, ticks) => ticks.map((tick) => (labels[tick] ?? "").replaceAll(" ", "\n")),
      },
      { stroke: ink, size: 70, grid: { stroke: style.getPropertyValue("--line") }, ...(isCount && { incrs: WHOLE }) },
    ],
    series: [
      {},
      {
        label: title,
        fill: style.getPropertyValue("--accent"),
        paths: uPlot.paths.bars?.({ size: [0.7, 48] }),
        points: { show: false },
      },
    ],
  };
}

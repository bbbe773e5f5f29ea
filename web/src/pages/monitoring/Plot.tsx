// One drawing by uPlot. Loaded by itself: who looks at no chart does not get the library.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { LANGUAGE } from "@/text/speak";
import { COLOURS, DASHES } from "./colours";
import css from "./monitoring.module.css";

const HEIGHT = 148;

const clock = new Intl.DateTimeFormat(LANGUAGE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
/** Bars are of days, which the record counts in UTC. */
const days = new Intl.DateTimeFormat(LANGUAGE, { month: "short", day: "numeric", timeZone: "UTC" });

export interface PlotProps {
  /** Seconds since 1970. */
  at: readonly number[];
  lines: readonly (readonly (number | null)[])[];
  bars?: boolean;
}

/** Nothing of it is read out: who draws it says the same in words. */
export default function Plot({ at, lines, bars = false }: PlotProps): React.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = useRef<uPlot.AlignedData>([[]]);
  data.current = [[...at], ...lines.map((line) => [...line])];
  const many = lines.length;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element.clientWidth, many, bars), data.current, element);
    };
    draw();
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sized.observe(element);
    // Colours are read when it is drawn: another theme draws it anew.
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      sized.disconnect();
      themed.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [many, bars]);

  useEffect(() => {
    plot.current?.setData(data.current);
  }, [at, lines]);

  return <div className={css.plot} ref={place} aria-hidden />;
}

function options(width: number, many: number, bars: boolean): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--fg-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${colour("--font") || "sans-serif"}`,
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    padding: [8, 8, 0, 0],
    // From nothing on: a line that is cut off below looks like more than it is.
    scales: { y: { range: (_plot, _least, most) => [0, Number.isFinite(most) && most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, space: 70, values: (_plot, at) => at.map((one) => (bars ? days : clock).format(one * 1_000)) },
      { ...axis, size: 46 },
    ],
    series: [
      {},
      ...Array.from({ length: many }, (_, place) => ({
        stroke: colour(COLOURS[place % COLOURS.length] ?? "--accent"),
        dash: [...(DASHES[place % DASHES.length] ?? [])],
        width: 1.5,
        points: { show: false },
        spanGaps: false,
        ...(bars ? barsOf(colour("--accent")) : {}),
      })),
    ],
  };
}

function barsOf(fill: string): Partial<uPlot.Series> {
  const paths = uPlot.paths.bars?.({ size: [0.7, 40] });
  return paths === undefined ? { fill } : { fill, paths };
}

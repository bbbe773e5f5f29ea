// The frame around every page: where one can go, how the connection is, and what the keys do everywhere.

import {
  Activity,
  ChartColumn,
  Cpu,
  House,
  Keyboard,
  Menu as MenuIcon,
  Monitor,
  Moon,
  Plus,
  Search,
  Settings,
  Sun,
} from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useConnection, usePreference, useSessionLines } from "@/hub";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { tShared } from "@/text/shared";
import { cx, IconButton, Menu, StatusDot } from "@/ui";
import { useActions, type Action } from "./actions";
import { Banner, SignedOut } from "./Banner";
import { useNotifications } from "./notifications";
import { PageLink } from "./PageLink";
import { hasPage } from "./pages";
import { place, type PageName, type Place } from "./places";
import css from "./shell.module.css";

const t = speak(shell);
const Overlays = lazy(() => import("./Palette"));

interface Entry {
  page: PageName;
  to: Place;
  keys: string;
  icon: ReactNode;
}

const ENTRIES: readonly Entry[] = [
  { page: "home", to: place.home(), keys: "g h", icon: <House aria-hidden /> },
  { page: "models", to: place.models(), keys: "g m", icon: <Cpu aria-hidden /> },
  { page: "monitoring", to: place.monitoring(), keys: "g o", icon: <Activity aria-hidden /> },
  { page: "analytics", to: place.analytics(), keys: "g a", icon: <ChartColumn aria-hidden /> },
  { page: "settings", to: place.settings(), keys: "g s", icon: <Settings aria-hidden /> },
];

const SHOWN_SESSIONS = 8;

export function Shell({ children }: { children: ReactNode }): React.JSX.Element {
  const { state } = useConnection();
  const [location, go] = useLocation();
  const [overlay, setOverlay] = useState<"palette" | "sheet" | undefined>();
  const entries = ENTRIES.filter((entry) => hasPage(entry.page));
  useNotifications();
  useActions(
    () => [
      ...entries.map((entry): Action => {
        const page = tShared(`page.${entry.page}`);
        const title = t("go", { page });
        return { id: `go.${entry.page}`, title, group: t("group.go"), keys: entry.keys, run: () => go(entry.to.path) };
      }),
      { id: "new", title: t("new"), group: t("group.general"), keys: "c", run: () => startNew(go) },
      {
        id: "palette",
        title: t("palette.title"),
        group: t("group.general"),
        keys: "mod+k",
        run: () => setOverlay("palette"),
        hidden: true,
        always: true,
      },
      { id: "sheet", title: t("sheet.open"), group: t("group.general"), keys: "?", run: () => setOverlay("sheet") },
    ],
    [go],
  );
  if (state === "signed_out") return <SignedOut />;
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#page" onClick={(event) => focusPage(event)}>
        {t("nav.skip")}
      </a>
      <nav className={css.nav} aria-label={t("nav.label")}>
        <div className={css.brand}>
          <PageLink to={place.home()} className={css.brandLink}>
            <img src="icon.svg" alt="" width={20} height={20} />
            <span>Draftsmith</span>
          </PageLink>
          <span className={css.brandActions}>
            <IconButton
              label={t("nav.palette")}
              keys="mod+k"
              icon={<Search aria-hidden />}
              onClick={() => setOverlay("palette")}
            />
            <IconButton label={t("nav.new")} keys="c" icon={<Plus aria-hidden />} onClick={() => startNew(go)} />
          </span>
          <span className={css.phoneMenu}>
            <Menu
              trigger={<IconButton label={t("nav.open")} icon={<MenuIcon aria-hidden />} />}
              items={entries.map((entry) => ({
                label: tShared(`page.${entry.page}`),
                icon: entry.icon,
                run: () => go(entry.to.path),
              }))}
            />
          </span>
        </div>
        <ul className={css.entries}>
          {entries.map((entry) => (
            <li key={entry.page}>
              <PageLink
                to={entry.to}
                className={css.entry}
                aria-current={location === entry.to.path ? "page" : undefined}
              >
                {entry.icon}
                {tShared(`page.${entry.page}`)}
              </PageLink>
            </li>
          ))}
        </ul>
        <Recent location={location} />
        <div className={css.foot}>
          <ThemeMenu />
          <IconButton
            label={t("sheet.open")}
            keys="?"
            icon={<Keyboard aria-hidden />}
            onClick={() => setOverlay("sheet")}
          />
        </div>
      </nav>
      <div className={css.main}>
        <Banner />
        <main id="page" tabIndex={-1} className={css.page}>
          {children}
        </main>
      </div>
      {overlay !== undefined && (
        <Suspense>
          <Overlays shown={overlay} onClose={() => setOverlay(undefined)} />
        </Suspense>
      )}
    </div>
  );
}

function startNew(go: (path: string) => void): void {
  go(place.home().path);
  window.setTimeout(() => document.querySelector<HTMLElement>("[data-prompt]")?.focus(), 50);
}

/** The address stays: a fragment would be looked up under the page's base. */
function focusPage(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("page")?.focus();
}

function Recent({ location }: { location: string }): React.JSX.Element | null {
  const { lines } = useSessionLines();
  if (lines.length === 0 || !hasPage("session")) return null;
  return (
    <div className={css.recent}>
      <h2>{t("nav.recent")}</h2>
      <ul>
        {lines.slice(0, SHOWN_SESSIONS).map((line) => {
          const to = place.session(line.session_id);
          return (
            <li key={line.session_id}>
              <PageLink
                to={to}
                className={cx(css.entry, css.session)}
                aria-current={location.startsWith(to.path) ? "page" : undefined}
                title={line.title}
              >
                <StatusDot status={line.status} />
                <span>{line.title || line.session_id}</span>
              </PageLink>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const THEMES = [
  { value: "system", icon: <Monitor aria-hidden /> },
  { value: "light", icon: <Sun aria-hidden /> },
  { value: "dark", icon: <Moon aria-hidden /> },
] as const;

function ThemeMenu(): React.JSX.Element {
  const [theme, setTheme] = usePreference("theme");
  const icon = THEMES.find((one) => one.value === theme)?.icon ?? <Monitor aria-hidden />;
  return (
    <Menu
      align="start"
      trigger={<IconButton label={t("theme.title")} icon={icon} />}
      items={THEMES.map((one) => ({ label: t(`theme.${one.value}`), icon: one.icon, run: () => setTheme(one.value) }))}
    />
  );
}

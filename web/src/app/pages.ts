// The pages that are built: each folder of `pages/` is one. What has no folder has no route, no entry and no link.

import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { PageName } from "./places";

type Loader = () => Promise<{ default: ComponentType }>;

const loaders = import.meta.glob<{ default: ComponentType }>("../pages/*/index.tsx");

const PATHS: Readonly<Record<PageName, string>> = {
  home: "/",
  session: "/sessions/:id",
  review: "/sessions/:id/review",
  project: "/projects/:workspaceId",
  models: "/models",
  monitoring: "/monitoring",
  analytics: "/analytics",
  settings: "/settings",
};

export interface BuiltPage {
  name: PageName;
  path: string;
  component: LazyExoticComponent<ComponentType>;
  load: Loader;
}

export const pages: readonly BuiltPage[] = (Object.keys(PATHS) as PageName[]).flatMap((name) => {
  const load = loaders[`../pages/${name}/index.tsx`] as Loader | undefined;
  return load === undefined ? [] : [{ name, path: PATHS[name], component: lazy(load), load }];
});

export function hasPage(name: PageName): boolean {
  return pages.some((page) => page.name === name);
}

// Models: what was found and how it is, which role gets which, budgets, endpoints of the user's own.

import { Cpu } from "lucide-react";
import { usePageTitle } from "@/app/usePageTitle";
import { useCall } from "@/hub";
import { t } from "@/text/models";
import { Empty, Loaded, Page, PageHeader, Skeleton } from "@/ui";
import { Budgets } from "./Budgets";
import { Endpoints } from "./Endpoints";
import { Found } from "./Found";
import { Roles } from "./Roles";
import css from "./models.module.css";

const AGAIN_MS = 15_000;

export default function ModelsPage(): React.JSX.Element {
  usePageTitle(t("title"));
  const listed = useCall("models/list", { local: true }, { refetchInterval: AGAIN_MS });
  const settings = useCall("models/settings", {});
  const ready = !listed.isPending && !settings.isPending;
  return (
    <Page name="models" ready={ready} width="wide">
      <PageHeader title={t("title")} sub={t("sub")} />
      <Loaded query={settings} skeleton={<Skeleton lines={8} />}>
        {(decided) => (
          <div className={css.page}>
            <Loaded query={listed} skeleton={<Skeleton lines={6} />}>
              {(found) => (
                <>
                  {found.models.length === 0 ? (
                    <Empty
                      icon={<Cpu aria-hidden />}
                      title={t("none.title")}
                      text={
                        <>
                          {t("none.text")}
                          <code className={css.guide}>{found.guide}</code>
                        </>
                      }
                    />
                  ) : (
                    <Found models={found.models} settings={decided} />
                  )}
                  {found.models.length > 0 && <Roles listed={found} settings={decided} />}
                </>
              )}
            </Loaded>
            <div className={css.two}>
              <Budgets />
              <Endpoints settings={decided} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

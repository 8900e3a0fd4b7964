import { useEffect } from "react";
import { Toasts } from "#client/panels/toasts.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate, type Route, useRouter } from "#client/state/router.ts";
import { followSession } from "#client/state/sign-out.ts";
import { InvitationPage } from "./invitation-page.tsx";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage, PageWaiting } from "./page-message.tsx";
import { ProjectsPage } from "./projects-page.tsx";
import { SignInPage } from "./sign-in-page.tsx";

const AccountPage = lazyPart(() => import("./account-page.tsx"), <PageWaiting />);
const AdministrationPage = lazyPart(() => import("./administration-page.tsx"), <PageWaiting />);
const MicrographPage = lazyPart(() => import("./micrograph-page.tsx"), <PageWaiting />);
const ProjectPage = lazyPart(() => import("./project-page.tsx"), <PageWaiting />);
const ProjectSettingsPage = lazyPart(() => import("./project-settings-page.tsx"), <PageWaiting />);

export function App() {
  const route = useRouter((state) => state.route);
  const { phase, principal, failure, ask } = usePersonStore();
  useEffect(() => void ask(), [ask]);
  useEffect(followSession, []);

  return (
    <>
      {phase === "asking" && <PageWaiting />}
      {phase === "failed" && (
        <PageMessage
          title="The server cannot be reached"
          text={failure ?? ""}
          action={{ label: "Try again", run: () => void ask() }}
        />
      )}
      {phase === "known" && <Page route={route} signedIn={principal !== null} />}
      <Toasts />
    </>
  );
}

function Page({ route, signedIn }: { readonly route: Route; readonly signedIn: boolean }) {
  if (route.page === "join") return <InvitationPage key={route.token} token={route.token} />;
  if (route.page === "sign-in" || !signedIn) {
    return <SignInPage token={route.page === "sign-in" ? route.token : null} />;
  }
  switch (route.page) {
    case "projects":
      return <ProjectsPage />;
    case "project":
      return <ProjectPage key={route.projectId} projectId={route.projectId} />;
    case "project-settings":
      return <ProjectSettingsPage key={route.projectId} projectId={route.projectId} />;
    case "account":
      return <AccountPage />;
    case "administration":
      return <AdministrationPage />;
    case "micrograph":
      return <MicrographPage key={route.micrographId} micrographId={route.micrographId} />;
    case "unknown":
      return (
        <PageFrame>
          <PageMessage
            title="There is no such page"
            text={`Nothing is kept at ${location.pathname}. The address may have been cut off when it was copied.`}
            action={{ label: "To the projects", run: () => navigate("/") }}
          />
        </PageFrame>
      );
  }
}

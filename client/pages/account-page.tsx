import { AccountNameForm } from "#client/panels/access-account-name.tsx";
import { AccountPasswordForm } from "#client/panels/access-account-password.tsx";
import { AccountSessions } from "#client/panels/access-account-sessions.tsx";
import { AccountTokens } from "#client/panels/access-account-tokens.tsx";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate } from "#client/state/router.ts";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage } from "./page-message.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

/** Who one is here, how one signs in, where one is signed in, and what scripts may do on one's behalf. */
export default function AccountPage() {
  const principal = usePersonStore((state) => state.principal);
  if (!principal) return null;
  if (principal.kind !== "person") {
    return (
      <PageFrame crumb="Account">
        <PageMessage
          title="Guests have no account"
          text={`You are here as ${principal.name}, by an invitation link. The administrator can make this identity an account: your marks and comments stay yours.`}
          action={{ label: "To the projects", run: () => navigate("/") }}
        />
      </PageFrame>
    );
  }
  return (
    <SettingsFrame
      title="Your account"
      lead="Only you see this page."
      crumb="Account"
      sections={[
        {
          id: "name",
          title: "Name",
          lead: "As everybody sees it beside your cursor, marks and comments, also the earlier ones.",
          content: <AccountNameForm principal={principal} />,
        },
        {
          id: "password",
          title: "Password",
          lead: "At least ten characters; four random words do well. A new one signs you out everywhere else.",
          content: <AccountPasswordForm name={principal.name} />,
        },
        {
          id: "sessions",
          title: "Where you are signed in",
          lead: "Each browser once. End those you do not know, and the one at the microscope.",
          content: <AccountSessions />,
        },
        {
          id: "tokens",
          title: "API tokens",
          lead: "For scripts and instruments. A token acts as you, within the limits you give it.",
          content: <AccountTokens />,
        },
      ]}
    />
  );
}

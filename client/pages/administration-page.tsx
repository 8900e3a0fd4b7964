import { AdministrationGroups } from "#client/panels/access-administration-groups.tsx";
import { AdministrationHealth } from "#client/panels/access-administration-health.tsx";
import { AdministrationPeople } from "#client/panels/access-administration-people.tsx";
import { AdministrationStorage } from "#client/panels/access-administration-storage.tsx";
import { AdministrationTombstones } from "#client/panels/access-administration-tombstones.tsx";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage } from "./page-message.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

const refreshMs = 30_000;

/** People, groups, storage and health. What is in the projects is not the administrator's, unless a reason is written there. */
export default function AdministrationPage() {
  const administrator = usePersonStore((state) => state.principal?.administrator ?? false);
  const ask = administrator ? "administration" : null;
  const directory = useResource(ask, accessEndpoints.directory);
  const usage = useResource(ask, accessEndpoints.usage, refreshMs);
  if (!administrator) {
    return (
      <PageFrame crumb="Administration">
        <PageMessage
          title="This page is the administrator’s"
          text="People, groups, storage and health of this installation are kept there. Ask the administrator."
          action={{ label: "To the projects", run: () => navigate("/") }}
        />
      </PageFrame>
    );
  }
  const changed = async () => {
    await Promise.all([directory.refetch(), usage.refetch()]);
  };
  return (
    <SettingsFrame
      title="Administration"
      lead="You look after people and the machine. Projects are private to their members: you see how large they are, not what they are called nor what is in them."
      crumb="Administration"
      sections={[
        {
          id: "health",
          title: "Server",
          lead: "Whether edits reach the disk now, and what the machine has left.",
          content: <AdministrationHealth />,
        },
        {
          id: "people",
          title: "People",
          lead: "An account signs in by a link that works once, then by a password of its own. Guests came by an invitation.",
          content: (
            <AdministrationPeople
              directory={directory}
              guests={usage.value?.guests ?? []}
              changed={changed}
            />
          ),
        },
        {
          id: "groups",
          title: "Groups",
          lead: "A group holds roles and owns projects like a person; whoever joins it later holds them too.",
          content: <AdministrationGroups directory={directory} changed={changed} />,
        },
        {
          id: "storage",
          title: "Storage",
          lead: "Largest first. What rests in the bin counts until it is erased.",
          content: <AdministrationStorage usage={usage} />,
        },
        {
          id: "tombstones",
          title: "Erased",
          lead: "What stays of everything that was erased: its fingerprint, who deleted it, and when.",
          content: <AdministrationTombstones people={directory.value?.people ?? []} />,
        },
      ]}
    />
  );
}

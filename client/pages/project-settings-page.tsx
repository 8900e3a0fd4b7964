import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useEffect } from "react";
import { ProjectNameForm } from "#client/panels/project-name.tsx";
import { ProjectSettingsBin } from "#client/panels/project-settings-bin.tsx";
import { ProjectSettingsEvents } from "#client/panels/project-settings-events.tsx";
import { ProjectSettingsLinks } from "#client/panels/project-settings-links.tsx";
import { ProjectSettingsMembers } from "#client/panels/project-settings-members.tsx";
import { ProjectSettingsOwnership } from "#client/panels/project-settings-ownership.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { watchAccess } from "#client/state/access-watch.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { addressOfProject, navigate } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import { Link } from "./link.tsx";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage, PageWaiting } from "./page-message.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { saysNotForYou, useRoleNews } from "./use-room-access.ts";

const VisitBanner = lazyPart(() => import("#client/panels/visit-banner.tsx"));

const membersRefreshMs = 10_000;

/** Who is in a project and as what, the ways into it, whose it is, what happened to it, and what was deleted from it. */
export default function ProjectSettingsPage({ projectId }: { readonly projectId: string }) {
  const principal = usePersonStore((state) => state.principal);
  const asked = useResource(`project ${projectId}`, () => projectOf(projectId));
  const members = useResource(`members ${projectId}`, () => endpoints.members(projectId), membersRefreshMs);
  const project = asked.value;
  const { refetch: refetchProject } = asked;
  const { refetch: refetchMembers } = members;
  const mayNotSee = saysNotForYou(members.error);
  useEffect(() => {
    if (mayNotSee) return;
    return watchAccess(projectId, () => Promise.all([refetchProject(), refetchMembers()]));
  }, [projectId, mayNotSee, refetchProject, refetchMembers]);
  useRoleNews(project?.role ?? null);

  const error = mayNotSee ? members.error : (!members.value && members.error) || (!project && asked.error);
  if (error) {
    return (
      <PageFrame>
        <PageMessage
          tone="danger"
          title={
            members.value ? "You no longer have access to this project" : "This project cannot be opened"
          }
          text={sentenceOf(error)}
          action={{ label: "To the projects", run: () => navigate("/") }}
        />
      </PageFrame>
    );
  }
  if (!project || !members.value || !principal) return <PageWaiting />;
  const manages = roleAllows(project.role, "manage") && principal.kind === "person";
  return (
    <SettingsFrame
      title={project.name}
      lead={
        manages
          ? `Belongs to ${project.ownerName}. Private to the people below.`
          : `Belongs to ${project.ownerName}. You are here as ${project.role}; an owner can change what stands below.`
      }
      crumb={
        <Link href={addressOfProject(projectId)} title={project.name}>
          {project.name}
        </Link>
      }
      actions={
        <Tooltip label="Back to the micrographs">
          <ActionIcon
            aria-label="Back to the micrographs"
            onClick={() => navigate(addressOfProject(projectId))}
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
      }
      notice={project.visit && <VisitBanner projectId={projectId} visit={project.visit} />}
      sections={[
        ...(manages
          ? [
              {
                id: "name",
                title: "Name",
                lead: "Its address and its links stay as they are.",
                content: <ProjectNameForm project={project} renamed={refetchProject} />,
              },
            ]
          : []),
        {
          id: "members",
          title: "Members",
          lead: "Seeing micrographs at full depth is enough to rebuild their data; downloading originals is a right of its own.",
          content: (
            <ProjectSettingsMembers
              projectId={projectId}
              members={members.value}
              manages={manages}
              changed={refetchMembers}
            />
          ),
        },
        ...(manages
          ? [
              {
                id: "links",
                title: "Invitation links",
                lead: "Make one with “Share”. A revoked link lets nobody in any more.",
                content: (
                  <ProjectSettingsLinks
                    project={project}
                    hasGuests={members.value.some(({ principal: { kind } }) => kind === "guest")}
                    changed={refetchMembers}
                  />
                ),
              },
            ]
          : []),
        {
          id: "bin",
          title: "Bin",
          lead: "Deleted files rest here for 30 days with their micrographs and marks, then they are erased.",
          content: <ProjectSettingsBin projectId={projectId} manages={manages} role={project.role} />,
        },
        {
          id: "events",
          title: "What happened",
          lead: "Every member reads this, whenever the administrator looked in too.",
          content: <ProjectSettingsEvents projectId={projectId} />,
        },
        {
          id: "ownership",
          title: manages ? "Ownership" : "Leave",
          tone: "danger" as const,
          content: (
            <ProjectSettingsOwnership
              project={project}
              members={members.value}
              principal={principal}
              manages={manages}
            />
          ),
        },
      ]}
    />
  );
}

/** An administrator who looks in is in no list of its members' projects. */
async function projectOf(projectId: string): Promise<Project> {
  const mine = (await endpoints.projects()).find(({ id }) => id === projectId);
  return mine ?? (await endpoints.gallery(projectId)).project;
}

import { Badge, Button, Modal, Skeleton, TextInput } from "@mantine/core";
import { IconFolderPlus, IconPhoto, IconPlus, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { addressOfProject, navigate } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { longestProjectName } from "#core/protocol/readable-name.ts";
import { Link } from "./link.tsx";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage } from "./page-message.tsx";
import styles from "./projects-page.module.css";

const ProjectBin = lazyPart(() => import("#client/panels/project-bin.tsx"));

const refreshMs = 10_000;

export function ProjectsPage() {
  const principal = usePersonStore((state) => state.principal);
  const projects = useResource("projects", endpoints.projects, refreshMs);
  const [creating, setCreating] = useState(false);
  const [showingBin, setShowingBin] = useState(false);
  const mayCreate = principal?.kind === "person";

  return (
    <PageFrame>
      <div className={styles.head}>
        <div>
          <h1>Projects</h1>
          <p className="dim">Private to the people you share them with.</p>
        </div>
        {mayCreate && (
          <div className={styles.acts}>
            <Button
              variant="default"
              leftSection={<IconTrash size={16} />}
              onClick={() => setShowingBin(true)}
            >
              Bin
            </Button>
            <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
              New project
            </Button>
          </div>
        )}
      </div>
      {projects.error && !projects.value && (
        <PageMessage
          tone="danger"
          title="The projects could not be read"
          text={sentenceOf(projects.error)}
          action={{ label: "Try again", run: () => void projects.refetch() }}
        />
      )}
      {projects.loading && <Placeholders />}
      {projects.value?.length === 0 && (
        <PageMessage
          icon={<IconFolderPlus size={26} />}
          title={mayCreate ? "Start with a project" : "Nothing is shared with you yet"}
          text={
            mayCreate
              ? "A project holds the micrographs of one piece of work and the people who may see them. Drop your files on it; it stays private until you share it."
              : "Open an invitation link to see the micrographs of a project here."
          }
          {...(mayCreate ? { action: { label: "New project", run: () => setCreating(true) } } : {})}
        />
      )}
      {projects.value && projects.value.length > 0 && (
        <ul className={styles.grid}>
          {projects.value.map((project) => (
            <li key={project.id}>
              <ProjectCard project={project} />
            </li>
          ))}
        </ul>
      )}
      <CreateProject opened={creating} close={() => setCreating(false)} />
      {showingBin && <ProjectBin close={() => setShowingBin(false)} restored={projects.refetch} />}
    </PageFrame>
  );
}

function ProjectCard({ project }: { readonly project: Project }) {
  const principalName = usePersonStore((state) => state.principal?.name);
  return (
    <Link href={addressOfProject(project.id)} className={styles.card}>
      <div className={styles.mosaic} data-count={Math.min(4, project.mosaic.length)}>
        {project.mosaic.length === 0 && <IconPhoto size={32} stroke={1.2} />}
        {project.mosaic.slice(0, 4).map((address) => (
          <img key={address} src={address} alt="" loading="lazy" />
        ))}
      </div>
      <div className={styles.caption}>
        <div className={styles.name} title={project.name}>
          {project.name}
        </div>
        <div className={`${styles.facts} numbers`}>
          <span>
            {project.micrographCount} {project.micrographCount === 1 ? "micrograph" : "micrographs"}
          </span>
          {project.ownerName !== principalName && (
            <span className={`${styles.owner} ellipsis`} title={`Belongs to ${project.ownerName}`}>
              of {project.ownerName}
            </span>
          )}
          {project.onlineCount > 0 && (
            <span className={styles.online}>
              <i /> {project.onlineCount} online now
            </span>
          )}
          <span className={styles.spring} />
          {project.demo && (
            <Badge variant="default" size="sm">
              Demonstration
            </Badge>
          )}
          {project.role !== "owner" && (
            <Badge variant="default" size="sm">
              {project.role}
            </Badge>
          )}
        </div>
      </div>
    </Link>
  );
}

function Placeholders() {
  return (
    <div className={styles.grid} aria-busy="true">
      {[0, 1, 2].map((index) => (
        <Skeleton key={index} height={264} radius={10} />
      ))}
    </div>
  );
}

function CreateProject({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const project = await endpoints.createProject(name.trim());
      navigate(addressOfProject(project.id));
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title="New project">
      <form onSubmit={create}>
        <TextInput
          label="Name"
          placeholder="Sodiation of Sb on Ge nanowires"
          value={name}
          maxLength={longestProjectName}
          error={failure}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <div className={styles.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={busy}>
            Create
          </Button>
        </div>
      </form>
    </Modal>
  );
}

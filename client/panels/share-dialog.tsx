import {
  ActionIcon,
  Avatar,
  Badge,
  Button,
  Modal,
  NativeSelect,
  NumberInput,
  Switch,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconCheck, IconCopy, IconDeviceDesktop, IconTrash, IconWorld, IconX } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link } from "#client/pages/link.tsx";
import { roleWords } from "#client/pages/role-words.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { addressOfSettings } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { type Role, roles } from "#core/protocol/roles.ts";
import { copyText } from "./copy-text.ts";
import styles from "./dialog.module.css";
import { initialsOf } from "./initials-of.ts";
import { readableTime } from "./readable-length.ts";

const doorMs = 3000;
const lanCommand = "npm start -- --lan";

/** Who can come in: first who can reach the address at all, then links, then those at the door and inside. */
export default function ShareDialog(props: {
  readonly project: Project;
  readonly close: () => void;
  /** Where guests land: the view that is shared. Default: the project's page. */
  readonly path?: string;
}) {
  const { project } = props;
  return (
    <Modal opened onClose={props.close} title={`Share “${project.name}”`} size={560}>
      <Reach />
      <NewLink projectId={project.id} {...(props.path ? { path: props.path } : {})} />
      <Door projectId={project.id} />
      <Members projectId={project.id} />
    </Modal>
  );
}

function Reach() {
  const reach = useResource("reachability", endpoints.reachability);
  if (!reach.value) return null;
  const { scope, publicUrl, hint } = reach.value;
  return (
    <div className={styles.note} data-tone={scope === "this-computer" ? "warning" : "plain"}>
      {scope === "this-computer" ? <IconDeviceDesktop size={18} /> : <IconWorld size={18} />}
      <div>
        <strong>
          {scope === "this-computer"
            ? "Only this computer can reach Lamella now."
            : scope === "lan"
              ? "Everyone on your lab’s network can reach this address."
              : "Reached through your institute’s proxy."}
        </strong>{" "}
        {scope === "this-computer" ? (
          <OpenToTheLab />
        ) : (
          <>
            <span className="dim">{hint}</span>
            <div>
              <code>{publicUrl}</code>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

/** The one command that changes it, ready for the terminal. */
function OpenToTheLab() {
  const copy = async () =>
    (await copyText(lanCommand))
      ? toast("Copied. Stop the server with Ctrl+C, then start it with this.", "good")
      : toast("Copying is blocked here: type it into the terminal.", "warning");
  return (
    <>
      <span className="dim">
        A link opens nowhere else. Stop the server and start it with this command, and your lab reaches it
        over HTTPS at the address it prints; behind an institute’s proxy, with “--behind-proxy --public-url
        https://…”.
      </span>
      <div className={styles.command}>
        <code>{lanCommand}</code>
        <Button size="compact-xs" variant="default" onClick={() => void copy()}>
          Copy
        </Button>
      </div>
    </>
  );
}

function NewLink({ projectId, path }: { readonly projectId: string; readonly path?: string }) {
  const [role, setRole] = useState<Role>("commenter");
  const [days, setDays] = useState<number | string>(14);
  const [uses, setUses] = useState<number | string>("");
  const [waitingRoom, setWaitingRoom] = useState(true);
  const [url, setUrl] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const links = useResource(`invitations ${projectId}`, () => endpoints.invitations(projectId));

  const create = async () => {
    setFailure(null);
    try {
      const made = await endpoints.createInvitation(projectId, {
        role,
        expiresInDays: Number(days) || 14,
        maxUses: uses === "" ? null : Number(uses),
        waitingRoom,
        ...(path ? { path } : {}),
      });
      setUrl(made.url ?? null);
      void links.refetch();
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  const copy = async () => {
    if (url && (await copyText(url))) return toast("The link is copied.", "good");
    field.current?.select();
    toast("Copying is blocked here: the link is selected, press Ctrl+C.", "warning");
  };
  const revoke = (id: string) =>
    endpoints.revokeInvitation(projectId, id).then(
      () => links.refetch(),
      (error) => toast(sentenceOf(error), "danger"),
    );
  const standing = links.value?.filter(({ revoked }) => !revoked) ?? [];

  return (
    <>
      <section className={styles.section}>
        <h3>Invite by link</h3>
        <div className={styles.fields}>
          <NativeSelect
            label="Who opens it may"
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as Role)}
            data={roles.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))}
            description={
              role === "reviewer" || role === "owner"
                ? `${roleWords[role]}; a guest without an account becomes annotator`
                : roleWords[role]
            }
            inputWrapperOrder={["label", "input", "description"]}
          />
          <div className={styles.fields}>
            <NumberInput
              label="Days"
              value={days}
              onChange={setDays}
              min={1}
              max={365}
              allowDecimal={false}
            />
            <NumberInput
              label="Uses"
              placeholder="any"
              value={uses}
              onChange={setUses}
              min={1}
              allowDecimal={false}
            />
          </div>
        </div>
        <Switch
          mt={16}
          label="Waiting room"
          description="A member lets each guest in."
          checked={waitingRoom}
          onChange={(event) => setWaitingRoom(event.currentTarget.checked)}
        />
        {url ? (
          <div className={styles.link}>
            <TextInput
              ref={field}
              value={url}
              readOnly
              aria-label="Invitation link"
              onFocus={(e) => e.target.select()}
            />
            <Button leftSection={<IconCopy size={16} />} onClick={() => void copy()}>
              Copy
            </Button>
          </div>
        ) : (
          <Button mt={16} onClick={() => void create()}>
            Make the link
          </Button>
        )}
        {url && <p className="dim small">Shown once: the server keeps only a fingerprint of it.</p>}
        {failure && <p className={styles.failure}>{failure}</p>}
      </section>
      {standing.length > 0 && (
        <section className={styles.section}>
          <h3>Links in use</h3>
          <ul className={styles.list}>
            {standing.map((link) => (
              <li key={link.id}>
                <Badge variant="default">{link.role}</Badge>
                <span className={`${styles.grow} dim small numbers`}>
                  by {link.createdBy} · used {link.uses}
                  {link.maxUses !== null && ` of ${link.maxUses}`} · until{" "}
                  {new Date(link.expiresAt).toLocaleDateString()}
                  {link.waitingRoom ? "" : " · no waiting room"}
                </span>
                <Tooltip label="Revoke: it opens nothing any more">
                  <ActionIcon color="red" aria-label="Revoke" onClick={() => void revoke(link.id)}>
                    <IconTrash size={16} />
                  </ActionIcon>
                </Tooltip>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Door({ projectId }: { readonly projectId: string }) {
  const door = useResource(`waiting ${projectId}`, () => endpoints.waiting(projectId), doorMs);
  if (!door.value?.length) return null;
  const answer = (guestId: string, admit: boolean) =>
    endpoints.admit(projectId, guestId, admit).then(
      () => door.refetch(),
      (error) => toast(sentenceOf(error), "danger"),
    );
  return (
    <section className={styles.section} aria-label="Waiting room">
      <h3>At the door</h3>
      <ul className={styles.list}>
        {door.value.map((guest) => (
          <li key={guest.id}>
            <span className={`${styles.grow} ellipsis`}>
              <strong>{guest.name}</strong> <span className="dim small">{readableTime(guest.since)}</span>
            </span>
            <Button
              size="compact-sm"
              leftSection={<IconCheck size={14} />}
              onClick={() => void answer(guest.id, true)}
            >
              Let in
            </Button>
            <ActionIcon aria-label={`Turn ${guest.name} away`} onClick={() => void answer(guest.id, false)}>
              <IconX size={16} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who is in; what each may do is decided on the project's settings page. */
function Members({ projectId }: { readonly projectId: string }) {
  const members = useResource(`members ${projectId}`, () => endpoints.members(projectId), doorMs * 3);
  if (!members.value?.length) return null;
  return (
    <section className={styles.section}>
      <h3>
        People with access
        <Link href={addressOfSettings(projectId)} className={styles.more}>
          Roles and settings
        </Link>
      </h3>
      <ul className={styles.list}>
        {members.value.map(({ principal, role }) => (
          <li key={principal.id}>
            <Avatar
              size={26}
              radius="xl"
              styles={{ placeholder: { background: principal.colour, color: "#fff" } }}
            >
              {initialsOf(principal.name)}
            </Avatar>
            <span className={`${styles.grow} ellipsis`} title={principal.name}>
              {principal.name}
            </span>
            <span className="dim small">{role}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

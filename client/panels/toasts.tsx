import { IconX } from "@tabler/icons-react";
import { useToastStore } from "#client/state/toast-store.ts";
import styles from "./toasts.module.css";

export function Toasts() {
  const { toasts, dismiss } = useToastStore();
  return (
    <div className={styles.stack} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast} data-tone={toast.tone}>
          <span>{toast.text}</span>
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            <IconX size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}

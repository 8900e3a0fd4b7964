export default function MicrographPage({ micrographId }: { readonly micrographId: string }) {
  return <div>{micrographId}</div>;
}

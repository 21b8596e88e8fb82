/** Who is next if nobody acknowledges. */
import { useAll } from '../../api/queries';
import type { Receiver } from '../../api/shapes';
import { Shown } from '../../parts/shown';
import { span } from '../../parts/words';

export function Step({ step }: { step: { receiverId: number; afterSeconds: number } }) {
  const receivers = useAll<Receiver>('/receivers');
  const name = receivers.data?.find((one) => Number(one.id) === step.receiverId)?.name ?? `receiver ${step.receiverId}`;
  return (
    <div className="quiet">
      then <Shown>{name}</Shown> after {span(step.afterSeconds * 1000)}, unless somebody acknowledges
    </div>
  );
}

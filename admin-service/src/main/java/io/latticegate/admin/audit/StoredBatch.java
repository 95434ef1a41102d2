package io.latticegate.admin.audit;

import java.util.List;

/**
 * What became of a delivered batch.
 *
 * @param storedThrough the newest stored sequence number of the node; the node may acknowledge up to here
 * @param contiguousThrough every entry up to this one is stored; lower than {@code storedThrough} when there are gaps
 * @param added how many entries of the batch were new
 * @param conflicts how many differ from what was stored under their number before: two journals share a node id, or one was
 *     altered; they are kept apart
 * @param gaps what is missing, oldest first, at most {@link AuditStore#MAX_GAPS}
 */
public record StoredBatch(long storedThrough, long contiguousThrough, int added, int conflicts, List<AuditGap> gaps) {
    /** Takes a copy of the list. */
    public StoredBatch {
        gaps = List.copyOf(gaps);
    }
}

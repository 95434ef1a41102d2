package io.latticegate.admin.subject;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditFields.Part;
import io.latticegate.common.journal.AuditRecord;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whose key seals which part of an entry.
 *
 * @param byPart owners of each part; nobody owns {@link Part#DEED}
 * @param all everybody that the entry tells of
 * @param onlyMentioned those whom no column names as actor or client
 */
record Owners(Map<Part, Set<Subject>> byPart, Set<Subject> all, Set<Subject> onlyMentioned) {
    /** The owners of entries of one batch: most are about the same few, each combination of whom is worked out once. */
    static final class Known {
        private final Map<Names, Owners> found = new HashMap<>();

        Owners of(AuditRecord record) {
            Set<Subject> inText = Subject.inText(record);
            if (!inText.isEmpty()) {
                return Owners.of(record, inText);
            }
            return found.computeIfAbsent(
                    new Names(record.actor(), record.clientIp(), record.tokenId()),
                    unused -> Owners.of(record, inText));
        }
    }

    private record Names(AuditActor actor, String clientIp, String tokenId) {}

    static Owners of(AuditRecord record) {
        return of(record, Subject.inText(record));
    }

    private static Owners of(AuditRecord record, Set<Subject> inText) {
        Set<Subject> who = new LinkedHashSet<>();
        Subject.actor(record).ifPresent(who::add);
        Set<Subject> from = new LinkedHashSet<>(who);
        Subject.clientIp(record).ifPresent(from::add);
        Set<Subject> mentioned = new LinkedHashSet<>();
        Subject.token(record).ifPresent(mentioned::add);
        mentioned.addAll(inText);
        Set<Subject> about = new LinkedHashSet<>(who);
        about.addAll(mentioned);
        if (about.isEmpty()) {
            about.addAll(from);
        }
        Set<Subject> all = new LinkedHashSet<>(from);
        all.addAll(about);
        Set<Subject> only = new LinkedHashSet<>(mentioned);
        only.removeAll(who);
        who.stream()
                .filter(actor -> !actor.spellings().contains(record.actor().id()))
                .forEach(only::add);
        from.stream()
                .filter(address -> address.kind() == Subject.Kind.CLIENT_IP
                        && !address.spellings().contains(record.clientIp()))
                .forEach(only::add);
        Map<Part, Set<Subject>> byPart = new EnumMap<>(Part.class);
        byPart.put(Part.DEED, Set.of());
        byPart.put(Part.WHO, who);
        byPart.put(Part.FROM, from);
        byPart.put(Part.ABOUT, about);
        return new Owners(byPart, all, only);
    }

    Set<Subject> of(Part part) {
        return byPart.getOrDefault(part, Set.of());
    }
}

package io.latticegate.admin.manage;

import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * A table as RFC 4180 has it, for an answer. Text that a spreadsheet would take for a formula begins with an apostrophe, since
 * some of it is chosen by clients.
 */
final class Csv {
    private static final String TYPE = "text/csv; charset=utf-8; header=present";
    private static final String FORMULA = "=+-@\t\r";

    private final Buffer text = Buffer.buffer();

    Csv(String... header) {
        row((Object[]) header);
    }

    /** Adds a row; numbers are written as they are, everything else as text. */
    void row(Object... cells) {
        for (int at = 0; at < cells.length; at++) {
            if (at > 0) {
                text.appendString(",");
            }
            text.appendString(cells[at] instanceof Number number ? number.toString() : quoted(cells[at].toString()));
        }
        text.appendString("\r\n");
    }

    private static String quoted(String cell) {
        String harmless = !cell.isEmpty() && FORMULA.indexOf(cell.charAt(0)) >= 0 ? "'" + cell : cell;
        boolean plain = harmless.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
        return plain ? harmless : '"' + harmless.replace("\"", "\"\"") + '"';
    }

    /** 200 with the table. */
    Answer answer(String fileName) {
        return Answer.written(TYPE, text, Map.of("Content-Disposition", "attachment; filename=\"" + fileName + "\""));
    }

    /** Whether a call is to be answered so: by {@code format=csv}, or without {@code format} by {@code Accept: text/csv}. */
    static boolean wanted(ManageRequest request) {
        String format = request.query().get("format");
        if (format == null) {
            return request.accept().contains("text/csv");
        }
        if (!format.equals("csv") && !format.equals("json")) {
            throw Refused.badRequest("format must be json or csv");
        }
        return format.equals("csv");
    }
}

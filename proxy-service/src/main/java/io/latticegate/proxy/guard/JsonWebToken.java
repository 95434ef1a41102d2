package io.latticegate.proxy.guard;

/**
 * Signed JSON Web Tokens in their compact form (RFC 7515 section 3.1): two parts that begin as base64url of a JSON object
 * does, and whatever of the alphabet follows. Tokens whose header has more than 200 characters, and encrypted ones, whose
 * second part is a key, are not recognised.
 */
final class JsonWebToken implements Recogniser {
    private static final String OBJECT = "eyJ";
    private static final int HEADER_MIN = 8;
    private static final int HEADER_MAX = 200;
    private static final int PAYLOAD_MIN = 8;

    @Override
    public String name() {
        return "jwt";
    }

    @Override
    public String label() {
        return "[JWT]";
    }

    @Override
    public boolean mayBegin(char c) {
        return c == 'e';
    }

    @Override
    public int end(CharSequence text, int start) {
        if (Chars.isTokenChar(Chars.before(text, start)) || !Chars.hasAt(text, start, OBJECT)) {
            return -1;
        }
        int dot = start;
        while (dot - start <= HEADER_MAX && Chars.isTokenChar(Chars.at(text, dot))) {
            dot++;
        }
        int payload = dot + 1;
        if (dot - start < HEADER_MIN
                || dot - start > HEADER_MAX
                || Chars.at(text, dot) != '.'
                || !Chars.hasAt(text, payload, OBJECT)) {
            return -1;
        }
        int end = payload;
        while (end - payload < PAYLOAD_MIN && Chars.isTokenChar(Chars.at(text, end))) {
            end++;
        }
        return end - payload == PAYLOAD_MIN ? end : -1;
    }

    @Override
    public Tail tail() {
        return next -> Chars.isTokenChar(next) || next == '.';
    }
}

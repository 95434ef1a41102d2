package io.latticegate.bench.load;

/** What one window sends: over how many connections, and whether the answer is a stream. */
public enum Shape {
    /** One request at a time: latency without queueing. */
    SINGLE(1, false, "burst"),
    /** 32 requests at a time: throughput, and processor time per request. */
    LOAD(32, false, "burst"),
    /** One stream at a time whose second event comes 2 ms after the first: time to the first token. */
    FIRST_TOKEN(1, true, "paced"),
    /** One stream at a time, its events written back to back: events per second. */
    BURST(1, true, "burst");

    private final int connections;
    private final boolean stream;
    private final String pace;

    Shape(int connections, boolean stream, String pace) {
        this.connections = connections;
        this.stream = stream;
        this.pace = pace;
    }

    public int connections() {
        return connections;
    }

    public boolean stream() {
        return stream;
    }

    /** The JSON body, about 0.9 kB; the mock provider finds the pace of a stream in its first message. */
    public String body() {
        return "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"pace=" + pace
                + ". You answer questions about shipping. "
                + "Be brief, name the rule that applies, and say when a question is outside of your field. ".repeat(4)
                + "\"},{\"role\":\"user\",\"content\":\""
                + "A parcel of 12 kg goes from Rotterdam to Oslo and holds two lithium batteries. ".repeat(4)
                + "What does the carrier need to know?\"}],\"temperature\":0.2,\"max_tokens\":64"
                + (stream ? ",\"stream\":true" : "") + "}";
    }
}

package io.latticegate.proxy.egress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * A name server on a UDP port of 127.0.0.1 (RFC 1035) that answers every question for an IPv4 address as the test says,
 * with a time to live of zero, and knows no address of any other type.
 */
final class NameServer implements AutoCloseable {
    private static final int HEADER = 12;
    private static final byte[] POINTER_TYPE_A_CLASS_IN_TTL_0 = {(byte) 0xC0, HEADER, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4};

    private final DatagramSocket socket;
    private final IntFunction<List<String>> answers;
    private final AtomicInteger questions = new AtomicInteger();

    /** @param answers the addresses for the first question (0), the second, and so on */
    NameServer(IntFunction<List<String>> answers) throws SocketException {
        this.answers = answers;
        this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("name-server").start(this::serve);
    }

    /** For example {@code 127.0.0.1:40053}. */
    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** How often an IPv4 address was asked for. */
    int questions() {
        return questions.get();
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] buffer = new byte[1_500];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (SocketException closed) {
                return;
            } catch (IOException fault) {
                throw new UncheckedIOException(fault);
            }
        }
    }

    private byte[] answer(byte[] question) {
        int typeAt = HEADER;
        while (question[typeAt] != 0) {
            typeAt += question[typeAt] + 1;
        }
        typeAt++;
        boolean ipv4 = question[typeAt + 1] == 1;
        List<String> addresses = ipv4 ? answers.apply(questions.getAndIncrement()) : List.of();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.write(question, 0, 2);
        answer.writeBytes(new byte[] {(byte) 0x81, (byte) 0x80, 0, 1, 0, (byte) addresses.size(), 0, 0, 0, 0});
        answer.write(question, HEADER, typeAt + 4 - HEADER);
        for (String address : addresses) {
            answer.writeBytes(POINTER_TYPE_A_CLASS_IN_TTL_0);
            answer.writeBytes(InetAddress.ofLiteral(address).getAddress());
        }
        return answer.toByteArray();
    }
}

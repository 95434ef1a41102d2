package io.latticegate.admin.export;

import io.latticegate.common.egress.EgressScope;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** The address of a name, judged before anything is sent to it. */
final class CheckedAddress {
    /**
     * One of the name's addresses, without the name, so that it is not asked for again on the way to the socket.
     *
     * @throws Sink.NotDelivered when one of them is outside of {@code scope}
     */
    static InetAddress of(String host, EgressScope scope) throws UnknownHostException, Sink.NotDelivered {
        InetAddress[] all = InetAddress.getAllByName(host);
        for (InetAddress address : all) {
            String fault = scope.fault(address);
            if (fault != null) {
                throw new Sink.NotDelivered(host + " leads to a forbidden address: " + fault);
            }
        }
        return InetAddress.getByAddress(all[0].getAddress());
    }

    private CheckedAddress() {}
}

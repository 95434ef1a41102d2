package io.latticegate.common.bus;

/**
 * What travels: a contract value and the type under which it is declared, which for a reply is its sealed interface.
 *
 * @param type a type known to the receiver's {@link BusCodec}
 */
record MessageOnTheBus(Class<?> type, Object value) {}

package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.ring.Domain;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.MemorySegment;

/** Another backend's single operations, and the port's own definitions of those that are made of them. */
record SpecifiedBackend(RnsBackend steps) implements RnsBackend {
    @Override
    public String name() {
        return "specification over " + steps.name();
    }

    @Override
    public <D extends Domain> Poly<D> allocate(RnsBase base) {
        return steps.allocate(base);
    }

    @Override
    public <D extends Domain> Poly<D> upload(RnsBase base, long[] residues, int at) {
        return steps.upload(base, residues, at);
    }

    @Override
    public <D extends Domain> Poly<D> view(RnsBase base, MemorySegment residues) {
        return steps.view(base, residues);
    }

    @Override
    public void download(Poly<?> from, long[] to, int at) {
        steps.download(from, to, at);
    }

    @Override
    public <D extends Domain> void copy(Poly<D> a, Poly<D> to) {
        steps.copy(a, to);
    }

    @Override
    public <D extends Domain> void add(Poly<D> a, Poly<D> b, Poly<D> to) {
        steps.add(a, b, to);
    }

    @Override
    public <D extends Domain> void subtract(Poly<D> a, Poly<D> b, Poly<D> to) {
        steps.subtract(a, b, to);
    }

    @Override
    public <D extends Domain> void negate(Poly<D> a, Poly<D> to) {
        steps.negate(a, to);
    }

    @Override
    public void multiply(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        steps.multiply(a, b, to);
    }

    @Override
    public void multiplyAdd(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to) {
        steps.multiplyAdd(a, b, to);
    }

    @Override
    public <D extends Domain> void multiplyScalar(Poly<D> a, long[] residues, Poly<D> to) {
        steps.multiplyScalar(a, residues, to);
    }

    @Override
    public void toEval(Poly<Coeff> a, Poly<Eval> to) {
        steps.toEval(a, to);
    }

    @Override
    public void toCoeff(Poly<Eval> a, Poly<Coeff> to) {
        steps.toCoeff(a, to);
    }

    @Override
    public void automorphism(Poly<Eval> a, int element, Poly<Eval> to) {
        steps.automorphism(a, element, to);
    }

    @Override
    public void rescale(Poly<Eval> a, Poly<Eval> to) {
        steps.rescale(a, to);
    }

    @Override
    public void modDown(Poly<Eval> a, Poly<Eval> to) {
        steps.modDown(a, to);
    }

    @Override
    public void modUp(Poly<Eval> a, Poly<Coeff> coefficients, int digit, Poly<Eval> to) {
        steps.modUp(a, coefficients, digit, to);
    }
}

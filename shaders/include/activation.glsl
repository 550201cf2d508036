// Elementwise activations, accurate to a few units in the last place of f32.
//
// The drivers' own exp and tanh may be off by several ulp (Vulkan allows it),
// and gelu is x·Φ(x) with the true erf, not its tanh approximation: the
// published weights were trained with it and the difference is 1e-3.
//
// The kind is a specialization constant, so a pipeline holds one branch only.

const int ACT_NONE = 0;         // linear
const int ACT_GELU = 1;         // gelu, gelu_python: x·Φ(x)
const int ACT_GELU_TANH = 2;    // gelu_new, gelu_fast, gelu_pytorch_tanh, gelu_accurate
const int ACT_QUICK_GELU = 3;   // x·σ(1.702x)
const int ACT_RELU = 4;
const int ACT_SILU = 5;         // silu, swish: x·σ(x)
const int ACT_TANH = 6;
const int ACT_SIGMOID = 7;
const int ACT_GELU_10 = 8;      // gelu clipped to [-10, 10]
const int ACT_LAPLACE = 9;      // ½(1 + erf((x−μ)/(σ√2))), μ = √½, σ = √(1/4π)
const int ACT_LEAKY_RELU = 10;  // slope 0.01 below zero
const int ACT_MISH = 11;        // x·tanh(softplus(x))
const int ACT_RELU2 = 12;       // relu(x)²
const int ACT_RELU6 = 13;

// e^x. Range reduction to |f| ≤ ½, then 2^f as a minimax polynomial (2e-9).
// The power of two goes in as two factors, so that both ends of the range
// (subnormals, overflow to +Inf) come out by themselves; e^−Inf is 0. Without
// shifts: SwiftShader does them lane by lane, and others make them of this.
float expf32(float x) {
    float c = clamp(x, -104.0, 89.0);
    float n = floor(c * 1.44269504 + 0.5);
    // ln 2 in two parts: the first has few bits, so n·hi is exact.
    float f = ((c - n * 0.693359375) + n * 2.12194440e-4) * 1.44269504;
    float p = 0.0001534580806;
    p = p * f + 0.001339993090;
    p = p * f + 0.009618489072;
    p = p * f + 0.05550328642;
    p = p * f + 0.2402264625;
    p = p * f + 0.6931471825;
    p = p * f + 1.0;
    int e = int(n);
    int h = int(n * 0.5);
    float y = p * intBitsToFloat((h + 127) * 0x800000) * intBitsToFloat((e - h + 127) * 0x800000);
    return isnan(x) ? x : y;
}

// erfc(y)·e^(y²) for y ≥ 0: a polynomial in 1/(1 + 0.4y), a minimax fit over
// [0, 9.5] with relative error 3e-8.
float erfcxf32(float y) {
    float t = 1.0 / (1.0 + 0.4 * y);
    float p = 0.026942512020;
    p = p * t - 0.06536250561;
    p = p * t - 0.08542614430;
    p = p * t + 0.3043203354;
    p = p * t - 0.09190439433;
    p = p * t + 0.2809507847;
    p = p * t + 0.1732332706;
    p = p * t + 0.2322361618;
    p = p * t + 0.2249782979;
    return p * t + 3.168636977e-5;
}

// tanh(x) − x for |x| < 0.55, where the exponential form would cancel.
float tanhtail(float x) {
    float s = x * x;
    float p = -0.006244059186;
    p = p * s + 0.02104611136;
    p = p * s - 0.05384441465;
    p = p * s + 0.1333247870;
    p = p * s - 0.3333331048;
    return x * s * p;
}

// clamp, min and max may lose a NaN; PyTorch's functions keep it.
float within(float x, float low, float high) {
    return x < low ? low : x > high ? high : x;
}

// Every kind takes at most one exponential, and it is written once: SwiftShader
// runs both sides of a branch, also of one on a specialization constant.
float activate(int kind, float x) {
    if (kind == ACT_NONE) return x;

    bool normal = kind == ACT_GELU || kind == ACT_GELU_10 || kind == ACT_LAPLACE;
    float s = x;
    if (kind == ACT_GELU_TANH) s = 1.59576912 * (x + 0.044715 * x * x * x);  // ½(1 + tanh u) = σ(2u)
    if (kind == ACT_QUICK_GELU) s = 1.702 * x;
    if (kind == ACT_TANH) s = 2.0 * x;
    if (kind == ACT_LAPLACE) s = (x - 0.707107) * 3.54490508;
    float a = abs(s);
    float e = expf32(normal ? -0.5 * a * a : -a);

    float r = x;
    if (normal) {
        // Φ(s), its left tail without cancellation.
        float h = 0.5 * e * erfcxf32(a * 0.70710678);
        float phi = s > 0.0 ? 1.0 - h : h;
        r = kind == ACT_LAPLACE ? phi : x * phi;
        if (kind == ACT_GELU_10) r = within(r, -10.0, 10.0);
    } else if (kind == ACT_TANH) {
        float t = (1.0 - e) / (1.0 + e);
        r = a < 1.1 ? x + tanhtail(x) : x < 0.0 ? -t : t;
    } else if (kind == ACT_MISH) {
        // tanh(log(1 + e^x)) = (e² + 2e)/(e² + 2e + 2), by e^−x on the right
        float w = x > 0.0 ? 1.0 + 2.0 * e : e * (e + 2.0);
        r = x * (w / (w + (x > 0.0 ? 2.0 * e * e : 2.0)));
    } else if (kind == ACT_LEAKY_RELU) {
        r = x < 0.0 ? 0.01 * x : x;
    } else if (kind == ACT_RELU) {
        r = x < 0.0 ? 0.0 : x;
    } else if (kind == ACT_RELU2) {
        r = x < 0.0 ? 0.0 : x * x;
    } else if (kind == ACT_RELU6) {
        r = within(x, 0.0, 6.0);
    } else {
        float sigma = (s >= 0.0 ? 1.0 : e) / (1.0 + e);
        r = kind == ACT_SIGMOID ? sigma : x * sigma;
    }
    return r;
}

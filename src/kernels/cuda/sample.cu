// Reading images at computed places: T the image's type, G that of what names the places. Places are computed in double, as
// their rounding decides which elements are read.

#ifdef GRID_SAMPLE
// An item a place and 8 channels. MODE: 0 linear, 1 nearest, 2 cubic. PADDING: 0 zeros, 1 border, 2 reflection. AXES of
// space. n: 0 C, 1 places, 2…4 depth, height, width, 5 groups of channels, 6 corners are aligned. data: 0 x, 1 grid, 2 y.
DEV double reflected(double x, double low, double high) {
    double span = high - low;
    if (span <= 0.0) return low;
    double distance = x < low ? low - x : x > high ? x - high : -1.0;
    if (distance < 0.0) return x;
    double turns = floor(distance / span), rest = distance - turns * span;
    bool even = fmod(turns, 2.0) == 0.0;
    return (x < low) == even ? low + rest : high - rest;
}
struct Taps {
    int count;
    i64 index[4];
    double weight[4];
};
DEV Taps tapsAt(double at, i64 extent, bool aligned) {
    Taps out;
    out.count = 0;
    double n = static_cast<double>(extent), low = aligned ? 0.0 : -0.5, high = aligned ? n - 1.0 : n - 0.5;
    double x = aligned ? (at + 1.0) / 2.0 * (n - 1.0) : ((at + 1.0) * n - 1.0) / 2.0;
    if (MODE == 1) x = rint(x);
    if (!(fabs(x) < 4503599627370496.0)) {
        if (PADDING == 0 || !(x == x)) return out;
        x = PADDING == 1 && x > 0.0 ? n - 1.0 : 0.0;
    }
    if (x < low || x > high) {
        if (PADDING == 1) x = x < 0.0 ? 0.0 : x > n - 1.0 ? n - 1.0 : x;
        if (PADDING == 2) x = reflected(x, low, high);
    }
    double first = floor(x), t = x - first, weights[4] = {1.0, 0.0, 0.0, 0.0};
    int count = 1;
    if (MODE == 0) {
        count = 2;
        weights[0] = 1.0 - t;
        weights[1] = t;
    } else if (MODE == 2) {
        count = 4;
        const double k = -0.75;
        double a = t + 1.0, b = 1.0 - t, c = 2.0 - t;
        weights[0] = ((k * a - 5.0 * k) * a + 8.0 * k) * a - 4.0 * k;
        weights[1] = ((k + 2.0) * t - (k + 3.0)) * t * t + 1.0;
        weights[2] = ((k + 2.0) * b - (k + 3.0)) * b * b + 1.0;
        weights[3] = ((k * c - 5.0 * k) * c + 8.0 * k) * c - 4.0 * k;
        first -= 1.0;
    }
    for (int i = 0; i < count; ++i) {
        double place = first + i;
        if (place < 0.0 || place > n - 1.0) {
            if (PADDING == 0) continue;
            if (PADDING == 2) place = trunc(reflected(place, low, high));
            place = place < 0.0 ? 0.0 : place > n - 1.0 ? n - 1.0 : place;
        }
        if (weights[i] == 0.0) continue;
        out.index[out.count] = static_cast<i64>(place);
        out.weight[out.count++] = weights[i];
    }
    return out;
}
extern "C" __global__ void __launch_bounds__(128) gridSample(const SmallParams p) {
    i64 e = itemOf(), C = p.n[0], P = p.n[1];
    if (e >= p.items) return;
    i64 place = e % P, group = e / P % p.n[5], image = e / (P * p.n[5]);
    Taps taps[3];
    for (int d = 0; d < 3; ++d) {
        int axis = d - (3 - AXES);
        if (axis < 0) {
            taps[d].count = 1;
            taps[d].index[0] = 0;
            taps[d].weight[0] = 1.0;
        } else {
            double at = toNumber(in<G>(p, 1)[(image * P + place) * AXES + AXES - 1 - axis]);
            taps[d] = tapsAt(at, p.n[2 + d], p.n[6] != 0);
        }
    }
    i64 plane = p.n[2] * p.n[3] * p.n[4];
    for (i64 c = group * 8; c < group * 8 + 8 && c < C; ++c) {
        const T* x = in<T>(p, 0) + (image * C + c) * plane;
        double sum = 0.0;
        for (int i = 0; i < taps[0].count; ++i)
            for (int j = 0; j < taps[1].count; ++j)
                for (int k = 0; k < taps[2].count; ++k)
                    sum += taps[0].weight[i] * taps[1].weight[j] * taps[2].weight[k] *
                           toNumber(x[(taps[0].index[i] * p.n[3] + taps[1].index[j]) * p.n[4] + taps[2].index[k]]);
        out<T>(p, 2)[(image * C + c) * P + place] = ofNumber<T>(sum);
    }
}
#endif

#ifdef AFFINE_GRID
// An item a place. n: 0 axes, 1 places, 2… extents of the axes, 5 corners are aligned. data: 0 theta, 1 y.
extern "C" __global__ void __launch_bounds__(256) affineGrid(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    int axes = static_cast<int>(p.n[0]);
    i64 image = e / p.n[1], rest = e % p.n[1];
    double at[4];
    for (int k = 0; k < axes; ++k) {
        i64 extent = p.n[2 + axes - 1 - k], i = rest % extent;
        rest /= extent;
        double n = static_cast<double>(extent), o = static_cast<double>(i);
        at[k] = p.n[5] ? (extent > 1 ? 2.0 * o / (n - 1.0) - 1.0 : 0.0) : (2.0 * o + 1.0) / n - 1.0;
    }
    at[axes] = 1.0;
    for (int row = 0; row < axes; ++row) {
        double sum = 0.0;
        for (int k = 0; k <= axes; ++k) sum += toNumber(in<T>(p, 0)[(image * axes + row) * (axes + 1) + k]) * at[k];
        out<T>(p, 1)[e * axes + row] = ofNumber<T>(sum);
    }
}
#endif

#ifdef ROI_ALIGN
// An item an output. MODE: 0 average, 1 maximum. I: of the batch indices. n: 0 C, 1 H, 2 W, 3 bins along H, 4 along W, 5
// samples along a bin (0: by its size), 6 images, 7 half an element is taken off. f: 0 scale. data: 0 x, 1 rois, 2 indices, 3
// y, 4 fault. A region of an image that isn't there, or of too many samples, gives zeros.
extern "C" __global__ void __launch_bounds__(256) roiAlign(const SmallParams p) {
    i64 e = itemOf(), C = p.n[0], H = p.n[1], W = p.n[2];
    if (e >= p.items) return;
    i64 bx = e % p.n[4], by = e / p.n[4] % p.n[3], c = e / (p.n[4] * p.n[3]) % C, r = e / (p.n[4] * p.n[3] * C);
    i64 image = static_cast<i64>(in<I>(p, 2)[r]);
    if (image < 0 || image >= p.n[6] || H == 0 || W == 0) {
        if (image < 0 || image >= p.n[6]) tellFault(p, 4);
        out<T>(p, 3)[e] = T();
        return;
    }
    const T* roi = in<T>(p, 1) + r * 4;
    const T* x = in<T>(p, 0) + (image * C + c) * H * W;
    double shift = p.n[7] ? 0.5 : 0.0, x0 = toNumber(roi[0]) * p.f[0] - shift, y0 = toNumber(roi[1]) * p.f[0] - shift;
    double w = toNumber(roi[2]) * p.f[0] - shift - x0, h = toNumber(roi[3]) * p.f[0] - shift - y0;
    if (!p.n[7]) w = w < 1.0 ? 1.0 : w, h = h < 1.0 ? 1.0 : h;
    double tall = h / static_cast<double>(p.n[3]), wide = w / static_cast<double>(p.n[4]);
    double rows = p.n[5] ? static_cast<double>(p.n[5]) : fmax(ceil(tall), 0.0);
    double columns = p.n[5] ? static_cast<double>(p.n[5]) : fmax(ceil(wide), 0.0);
    // The op's own limit; a region of no numbers is past it.
    if (!(rows * columns * static_cast<double>(p.n[3] * p.n[4]) < 1e8)) {
        tellFault(p, 4);
        rows = columns = 0.0;
    }
    double sum = 0.0, peak = 0.0;
    bool first = true;
    for (double sy = 0.0; sy < rows; sy += 1.0)
        for (double sx = 0.0; sx < columns; sx += 1.0) {
            double y = y0 + (static_cast<double>(by) + (sy + 0.5) / rows) * tall;
            double at = x0 + (static_cast<double>(bx) + (sx + 0.5) / columns) * wide;
            double v[4] = {0.0, 0.0, 0.0, 0.0};
            if (y >= -1.0 && y <= static_cast<double>(H) && at >= -1.0 && at <= static_cast<double>(W)) {
                y = y < 0.0 ? 0.0 : y;
                at = at < 0.0 ? 0.0 : at;
                i64 top = static_cast<i64>(y), left = static_cast<i64>(at);
                top = top < H - 1 ? top : H - 1;
                left = left < W - 1 ? left : W - 1;
                i64 below = top + 1 < H - 1 ? top + 1 : H - 1, right = left + 1 < W - 1 ? left + 1 : W - 1;
                double ty = below == top ? 0.0 : y - static_cast<double>(top), tx = right == left ? 0.0 : at - static_cast<double>(left);
                v[0] = (1.0 - ty) * (1.0 - tx) * toNumber(x[top * W + left]);
                v[1] = (1.0 - ty) * tx * toNumber(x[top * W + right]);
                v[2] = ty * (1.0 - tx) * toNumber(x[below * W + left]);
                v[3] = ty * tx * toNumber(x[below * W + right]);
            } else {
                // Weights of 0 over the first element.
                v[0] = v[1] = v[2] = v[3] = 0.0 * toNumber(x[0]);
            }
            double largest = fmax(fmax(v[0], v[1]), fmax(v[2], v[3]));
            sum += v[0] + v[1] + v[2] + v[3];
            peak = first || largest > peak ? largest : peak;
            first = false;
        }
    double count = rows * columns;
    out<T>(p, 3)[e] = ofNumber<T>(MODE ? peak : sum / (count < 1.0 ? 1.0 : count));
}
#endif

#ifdef DEFORM_COLUMNS
// Samples of a deformable convolution: columns [n, pixel, channel, tap]. n: 0 C, 1 H, 2 W, 3 output H, 4 output W, 5, 6
// kernel, 7, 8 stride, 9, 10 padding at the beginning, 11, 12 dilation, 13 groups of offsets, 14 there is a mask. data: 0 x, 1
// offsets, 2 mask, 3 columns (COL).
extern "C" __global__ void __launch_bounds__(256) deformColumns(const SmallParams p) {
    i64 e = itemOf(), C = p.n[0], H = p.n[1], W = p.n[2], taps = p.n[5] * p.n[6], pixels = p.n[3] * p.n[4];
    if (e >= p.items) return;
    i64 t = e % taps, c = e / taps % C, pixel = e / (taps * C) % pixels, image = e / (taps * C * pixels);
    i64 moved = image * p.n[13] * taps + c / (C / p.n[13]) * taps + t;
    i64 i = pixel / p.n[4], j = pixel % p.n[4];
    double y = static_cast<double>(i * p.n[7] - p.n[9] + t / p.n[6] * p.n[11]) + toNumber(in<T>(p, 1)[moved * 2 * pixels + pixel]);
    double x = static_cast<double>(j * p.n[8] - p.n[10] + t % p.n[6] * p.n[12]) + toNumber(in<T>(p, 1)[(moved * 2 + 1) * pixels + pixel]);
    double v = 0.0;
    if (y > -1.0 && x > -1.0 && y < static_cast<double>(H) && x < static_cast<double>(W)) {
        const T* plane = in<T>(p, 0) + (image * C + c) * H * W;
        i64 top = static_cast<i64>(floor(y)), left = static_cast<i64>(floor(x));
        double down = y - static_cast<double>(top), right = x - static_cast<double>(left);
        auto at = [&](i64 r, i64 q) { return r < 0 || q < 0 || r >= H || q >= W ? 0.0 : toNumber(plane[r * W + q]); };
        v = (1.0 - down) * ((1.0 - right) * at(top, left) + right * at(top, left + 1)) +
            down * ((1.0 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
    }
    if (p.n[14]) v *= toNumber(in<T>(p, 2)[moved * pixels + pixel]);
    out<COL>(p, 3)[e] = ofNumber<COL>(v);
}
#endif

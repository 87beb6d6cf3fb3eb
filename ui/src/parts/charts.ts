/** ECharts with only what the page draws, as SVG, in the page's colours. */
import { LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([LineChart, SankeyChart, AriaComponent, GridComponent, TooltipComponent, SVGRenderer]);
export { echarts };

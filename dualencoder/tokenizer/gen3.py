import random,sys,json,subprocess,os,shutil
os.environ['TRANSFORMERS_VERBOSITY']='critical'; os.environ['TOKENIZERS_PARALLELISM']='false'
from transformers import AutoTokenizer
seed=int(sys.argv[1]); n=int(sys.argv[2]); R=random.Random(seed)
src=open('gen.py').read(); a=src.index("strings=json"); b=src.index("def load(d)"); exec(src[a:b])
special+=['[XX]','<zz>','The','ab']
def B(): return R.random()<.5
root='/work/shared/golden/text/'
cl={'bert-uncased-vocabtxt':['BertTokenizer','BertTokenizerFast','ElectraTokenizer','DistilBertTokenizer','MobileBertTokenizer','LxmertTokenizer','ConvBertTokenizer','LayoutLMTokenizer','SqueezeBertTokenizer'],'bert-json':['BertTokenizer','BertTokenizerFast','DistilBertTokenizer','PreTrainedTokenizerFast','ElectraTokenizerFast'],'mpnet-vocabtxt':['MPNetTokenizer'],'roberta-files':['RobertaTokenizer','LongformerTokenizer','BartTokenizer'],'roberta-json':['RobertaTokenizer','RobertaTokenizerFast','BartTokenizerFast','LongformerTokenizer','PreTrainedTokenizerFast','GPT2Tokenizer'],'clip-files':['CLIPTokenizer'],'clip-json':['CLIPTokenizer','PreTrainedTokenizerFast'],'xlmr-json':['XLMRobertaTokenizer','PreTrainedTokenizerFast','CamembertTokenizerFast'],'albert-json':['AlbertTokenizer','PreTrainedTokenizerFast','RemBertTokenizerFast','BigBirdTokenizerFast']}
def tok(c):
    k=R.random()
    if k<.6: return c
    return {'__type':'AddedToken','content':c,'lstrip':B() and B(),'rstrip':B() and B(),'normalized':B(),'single_word':B() and B(),**({'special':B()} if B() else {})}
base='/tmp/tok/diff/c%d'%seed; shutil.rmtree(base,ignore_errors=True)
qs=[];ts=[]
for i in range(n):
    s=R.choice(list(cl)); d='%s/%d-%s'%(base,i,s); os.makedirs(d)
    for f in os.listdir(root+s):
        if f in('vocab.txt','vocab.json','merges.txt','tokenizer.json') or f=='special_tokens_map.json' and B(): shutil.copy(root+s+'/'+f,d); os.chmod(d+'/'+f,0o644)
    c=json.load(open(root+s+'/tokenizer_config.json')); c['tokenizer_class']=R.choice(cl[s])
    if B(): c.pop('added_tokens_decoder',None)
    for k in ('do_lower_case','tokenize_chinese_chars','add_prefix_space','trim_offsets','clean_up_tokenization_spaces'):
        x=R.random()
        if x<.25: c[k]=B()
        elif x<.5: c.pop(k,None)
    x=R.random()
    if x<.5: c['strip_accents']=R.choice([None,True,False])
    if B(): c['padding_side']=R.choice(['left','right'])
    if B(): c['truncation_side']=R.choice(['left','right'])
    if B(): c['model_max_length']=R.choice([7,12,40,1000000000000000019884624838656,1e30,512])
    for r in ('bos_token','eos_token','unk_token','sep_token','pad_token','cls_token','mask_token'):
        x=R.random()
        if x<.15 and r in c and not isinstance(c[r],dict): c[r]=tok(c[r])
        elif x<.25: c[r]=tok(R.choice(['[PAD]','</s>','<pad>','[XX]','<zz>','[MASK]','<mask>']))
        elif x<.3: c.pop(r,None)
        elif x<.33: c[r]=None
    if B() and B(): c['additional_special_tokens']=[tok(R.choice(['<img>','[XX]','ab','<yy>'])) for _ in range(R.randint(1,3))]
    json.dump(c,open(d+'/tokenizer_config.json','w'))
    if B() and B():
        json.dump({R.choice(['<zz>','The','ab','<img>','[XX]']):R.randint(3,2000) for _ in range(2)},open(d+'/added_tokens.json','w'))
    if B() and B():
        m={}
        for r in ('unk_token','sep_token','pad_token','cls_token','mask_token'):
            if B(): 
                v=tok(R.choice(['[PAD]','</s>','<pad>','[XX]','[SEP]'])) 
                if isinstance(v,dict): v.pop('__type',None); v.pop('special',None)
                m[r]=v
        json.dump(m,open(d+'/special_tokens_map.json','w'))
    try: t=AutoTokenizer.from_pretrained(d)
    except BaseException as e: t=str(type(e))+str(e)[:120]
    for _ in range(6):
        q=dict(Dir=d,Texts=[text() for _ in range(4)],Skip=B())
        if B(): q['Pairs']=[text() for _ in range(4)]
        if B(): q['Pad']=R.choice(['longest','max_length'])
        if B(): q['Trunc']=R.choice(['longest_first','only_first','only_second'])
        if B(): q['Max']=R.randint(5,30)
        qs.append(q); ts.append(t)
p=subprocess.run(['/tmp/tok/diff/diff'],input='\n'.join(json.dumps(q) for q in qs).encode(),stdout=subprocess.PIPE)
outs=[json.loads(l) for l in p.stdout.decode().split('\n') if l]
assert len(outs)==len(qs)
bads={};errs={};cmp=0;bad=0
for q,o,t in zip(qs,outs,ts):
    if isinstance(t,str): want={'err':'LOAD '+t}
    else:
        kw=dict(return_offsets_mapping=True,return_token_type_ids=True,return_attention_mask=True,return_special_tokens_mask=True)
        kw['padding']=q.get('Pad',False)
        if 'Trunc' in q: kw['truncation']=q['Trunc']
        if 'Max' in q: kw['max_length']=q['Max']
        try:
            b=t(q['Texts'],q.get('Pairs'),**kw) if 'Pairs' in q else t(q['Texts'],**kw)
            want={k:[list(map(lambda x:list(x) if isinstance(x,tuple) else x,r)) for r in v] for k,v in b.items()}
            want['decoded']=[t.decode(r,skip_special_tokens=q['Skip']) for r in b['input_ids']]
            want['names']=t.model_input_names; want['tokens']=[b.tokens(i) for i in range(len(q['Texts']))]
        except BaseException as e: want={'err':str(e)[:100]}
    if 'err' in want or 'err' in o:
        if ('err' in want)!=('err' in o):
            k=(want.get('err','-')[:150],o.get('err','-')[-90:]); errs.setdefault(k,[0,q['Dir']]); errs[k][0]+=1
        continue
    cmp+=1
    for k in ['names','tokens']+list(want):
        if want[k]!=o[k]:
            bad+=1; bads[q['Dir']]=bads.get(q['Dir'],0)+1
            if bads[q['Dir']]<2 and len(bads)<8:
                for i in range(len(want[k])):
                    if want[k][i]!=o[k][i]:
                        print(q['Dir'],k,ascii(q['Texts'][i]),{x:q[x] for x in q if x not in('Texts','Pairs','Dir')},'\n  want',ascii(want[k][i]),'\n  got ',ascii(o[k][i]),'\n', ascii({a:b for a,b in json.load(open(q['Dir']+'/tokenizer_config.json')).items() if a!='added_tokens_decoder'}),os.listdir(q['Dir']),'atd' if 'added_tokens_decoder' in json.load(open(q['Dir']+'/tokenizer_config.json')) else ''); break
            break
print('seed',seed,'compared',cmp,'bad',bad,'dirs',len(bads))
for k,v in errs.items(): print('ERR',v[0],ascii(k),v[1])
